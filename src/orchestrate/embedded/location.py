"""The state directory: made with the right modes, refused where a database cannot live.

Layout: `orchestrate.db` (and its WAL), `store.lock`, `workflows/ID/` output, `supervisors/`,
`sockets/`, `cache/`.
"""

import errno
import os
import stat
from pathlib import Path

from orchestrate.errors import StateDirectoryError

NETWORK_FILE_SYSTEMS = frozenset(
    {
        "9p", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "fuse.ceph", "fuse.glusterfs",
        "fuse.gcsfuse", "fuse.rclone", "fuse.s3fs", "fuse.sshfs", "glusterfs", "gpfs", "lustre",
        "ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "smb2", "smb3", "smbfs",
    }
)  # fmt: skip
"""Where `flock` and shared memory between hosts cannot be relied on."""

_FOLDERS = ("workflows", "supervisors", "sockets")
_FILES = ("orchestrate.db", "orchestrate.db-wal", "orchestrate.db-shm", "store.lock")
"""What is opened by others than us, by names that everybody knows: links are looked for before."""
MOVE_IT = "Set ORCHESTRATE_STATE_DIR to a directory on a local disk."


class Modes:
    """Modes of what is made in the state directory: for one user, or shared by a group."""

    def __init__(self, group: str | None) -> None:
        self.group = group
        self.directory = 0o2770 if group else 0o700
        self.file = 0o660 if group else 0o600


def file_system_of(path: str, mounts: str) -> str:
    """The type of the file system that holds `path` (absolute, symlinks resolved), found in
    `mounts`, the text of /proc/self/mounts; "" if it does not say.
    """
    best, kind = "", ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = fields[1].replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
        below = point.rstrip("/") + "/"
        if (path + "/").startswith(below) and len(point) >= len(best):
            best, kind = point, fields[2]
    return kind


def refuse_network_file_system(directory: Path) -> None:
    """Raise StateDirectoryError if `directory` lies on a network file system."""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return  # a system without /proc: its mount table is not looked at
    kind = file_system_of(os.path.realpath(directory), mounts)
    if kind in NETWORK_FILE_SYSTEMS:
        raise StateDirectoryError(
            f"{directory} is on a network file system ({kind}): its locks cannot keep two machines "
            "from writing at once",
            hint=MOVE_IT,
        )


def prepare(directory: Path, group: str | None) -> None:
    """Make the state directory and its folders, or check that they can be used."""
    modes = Modes(group)
    try:
        if not directory.is_dir():
            directory.parent.mkdir(parents=True, exist_ok=True)
            _make(directory, modes)
        refuse_network_file_system(directory)
        if group is None or directory.stat().st_gid != group_id(group):
            refuse_foreign(directory, os.geteuid())
        _refuse_public(directory)
        for name in _FILES:
            if (directory / name).is_symlink():
                raise _a_link(directory / name)
        for name in _FOLDERS:
            folder = directory / name
            if not folder.is_dir():
                _make(folder, modes)
            # Not before: a link may have come first, and have gone.
            if not stat.S_ISDIR(folder.lstat().st_mode):
                raise _a_link(folder)
    except OSError as error:
        raise explain(error, directory) from error
    if not os.access(directory, os.R_OK | os.W_OK | os.X_OK):
        raise StateDirectoryError(
            f"{directory} cannot be written by this user",
            hint="Change its owner or mode, or set ORCHESTRATE_STATE_DIR to another directory.",
        )


def refuse_foreign(directory: Path, user: int) -> None:
    """Raise StateDirectoryError if somebody else has made the directory, or a link in its place,
    where anybody could have done so: what lies in it would be theirs to exchange.
    """
    above = directory.absolute().parent
    if not above.stat().st_mode & stat.S_IWOTH:
        return
    if {directory.lstat().st_uid, directory.stat().st_uid} != {user}:
        raise StateDirectoryError(
            f"{directory} belongs to somebody else, and anybody may make such a thing in {above}",
            hint="Set ORCHESTRATE_STATE_DIR to a directory that you have made yourself.",
        )


def _a_link(path: Path) -> OSError:
    return OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))


def _refuse_public(directory: Path) -> None:
    """Raise StateDirectoryError if others could put files or links there for us to follow."""
    if directory.stat().st_mode & stat.S_IWOTH:
        raise StateDirectoryError(
            f"anybody on this machine may write into {directory}",
            hint=f"See that everything in it is yours, then `chmod o-w {directory}`.",
        )


def _make(directory: Path, modes: Modes) -> None:
    directory.mkdir(mode=0o700, exist_ok=True)
    if modes.group is not None:
        os.chown(directory, -1, group_id(modes.group))
        directory.chmod(modes.directory)


def group_id(name: str) -> int:
    """The number of a group that may share the state directory."""
    import grp

    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        raise StateDirectoryError(
            f"the group {name!r} does not exist on this machine",
            hint="Name an existing group under [state] group in orchestrate.toml.",
        ) from None


def make_file(path: Path, modes: Modes) -> None:
    """Make an empty file with the mode that its directory's users need."""
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(path, flags, modes.file)
        try:
            if modes.group is not None and os.fstat(descriptor).st_uid == os.geteuid():
                os.fchmod(descriptor, modes.file)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise explain(error, path.parent) from error


def explain(error: OSError, directory: Path) -> StateDirectoryError:
    """The error of the operating system, said for a person."""
    match error.errno:
        case errno.EROFS:
            message, hint = f"{directory} is on a read-only file system", MOVE_IT
        case errno.EACCES | errno.EPERM:
            message = f"{directory} may not be written by this user"
            hint = "Change its owner or mode, or set ORCHESTRATE_STATE_DIR to another directory."
        case errno.ENOSPC | errno.EDQUOT:
            message = f"the file system of {directory} is full"
            hint = "Free some space (`orchestrate prune` removes old workflows) and try again."
        case errno.ELOOP:
            message = f"{error.filename or directory} is a link, and nothing is written through it"
            hint = "Remove the link, and find out who put it there."
        case errno.ENOTDIR | errno.EEXIST:
            message = f"{directory}: a file is in the way of a directory"
            hint = "Move that file away, or set ORCHESTRATE_STATE_DIR to another directory."
        case _:
            message = f"{directory} cannot be used: {error.strerror or error}"
            hint = MOVE_IT
    return StateDirectoryError(message, hint=hint)


def new_supervisor(state: Path) -> Path:
    """Where the next supervisor of this process lives."""
    return state / "supervisors" / f"{os.getpid()}-{os.urandom(4).hex()}"
