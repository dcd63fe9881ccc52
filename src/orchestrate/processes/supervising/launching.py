"""Finds a program and starts it; says in a sentence why it could not be started."""

import errno
import os
import signal
import stat

NOT_FOUND = 127
NOT_EXECUTABLE = 126
"""What shells use for the same two cases."""

_DEFAULT_SIGNALS = sorted(signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP})
"""All: some are ignored by Python (with SIGPIPE ignored `yes | head` ends with 1), others by
this program or by whoever started the engine."""


class CannotStartError(Exception):
    """Why there is no process, and the exit code that a shell would give."""

    def __init__(self, exit_code: int, message: str) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.message = message


def enter(workdir: str) -> None:
    """Make `workdir` the current directory. Raises CannotStartError."""
    try:
        os.chdir(workdir)
    except FileNotFoundError:
        message = f"working directory not found: {workdir}"
    except NotADirectoryError:
        message = f"working directory is not a directory: {workdir}"
    except (OSError, ValueError) as error:
        message = f"cannot enter working directory {workdir}: {_reason(error)}"
    else:
        return
    raise CannotStartError(NOT_EXECUTABLE, message)


def start(argv: tuple[str, ...], env: dict[str, str], stdout: int, stderr: int) -> int:
    """Start a program in a session of its own and give its pid. Raises CannotStartError.

    It is looked up in the PATH of `env`; a path is taken relative to the current directory. What
    the kernel does not recognise as a program is given to /bin/sh, as shells do.
    """
    if not argv or not argv[0]:
        raise CannotStartError(NOT_FOUND, "the command is empty")
    program = _find(argv[0], env.get("PATH", os.defpath))
    try:
        return _spawn(program, argv, env, stdout, stderr)
    except OSError as error:
        if error.errno == errno.ENOEXEC and not _looks_binary(program):
            try:
                return _spawn("/bin/sh", ("sh", program, *argv[1:]), env, stdout, stderr)
            except OSError as second:
                raise _explained(second, program, argv, env) from None
        raise _explained(error, program, argv, env) from None
    except ValueError:
        raise CannotStartError(
            NOT_EXECUTABLE,
            "an argument or environment variable contains a NUL byte, or the name of a variable"
            " is empty or contains `=`",
        ) from None


def _spawn(
    program: str, argv: tuple[str, ...], env: dict[str, str], stdout: int, stderr: int
) -> int:
    return os.posix_spawn(
        program,
        argv,
        env,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, stdout, 1),
            (os.POSIX_SPAWN_DUP2, stderr, 2),
        ],
        setsid=True,
        setsigmask=[],
        setsigdef=_DEFAULT_SIGNALS,
    )


def _find(name: str, search_path: str) -> str:
    if "\0" in name:
        raise CannotStartError(NOT_FOUND, "the name of the command contains a NUL byte")
    if "/" in name:
        return name
    refused = ""
    for folder in search_path.split(os.pathsep):
        candidate = f"{folder}/{name}" if folder else f"./{name}"
        if os.access(candidate, os.X_OK):
            if not os.path.isdir(candidate):
                return candidate
        elif not refused and os.path.isfile(candidate):
            refused = candidate
    if refused:
        raise CannotStartError(NOT_EXECUTABLE, f"not executable: {refused}")
    raise CannotStartError(NOT_FOUND, f"command not found: {name}")


def _explained(
    error: OSError, program: str, argv: tuple[str, ...], env: dict[str, str]
) -> CannotStartError:
    match error.errno:
        case errno.ENOENT | errno.ENOTDIR:
            if os.path.exists(program):
                interpreter = _interpreter(program)
                return CannotStartError(
                    NOT_FOUND,
                    f"{program} cannot run: its interpreter {interpreter} was not found".replace(
                        "  ", " "
                    ),
                )
            return CannotStartError(NOT_FOUND, f"command not found: {program}")
        case errno.EACCES | errno.EPERM | errno.EISDIR:
            return CannotStartError(NOT_EXECUTABLE, _why_not_executable(program))
        case errno.E2BIG:
            size = sum(len(word) + 1 for word in argv)
            size += sum(len(key) + len(value) + 2 for key, value in env.items())
            return CannotStartError(
                NOT_EXECUTABLE,
                f"the arguments and environment of {program} are too long for this system"
                f" ({size} characters); pass long values in a file",
            )
        case errno.EAGAIN | errno.ENOMEM | errno.EMFILE | errno.ENFILE:
            return CannotStartError(
                NOT_EXECUTABLE, f"this host has no room for another process: {_reason(error)}"
            )
        case _:
            return CannotStartError(NOT_EXECUTABLE, f"cannot start {program}: {_reason(error)}")


def _why_not_executable(program: str) -> str:
    try:
        mode = os.stat(program).st_mode
    except OSError as error:
        return f"cannot start {program}: {_reason(error)}"
    if stat.S_ISDIR(mode):
        return f"not a program but a directory: {program}"
    if not mode & 0o111:
        return f"not executable: {program}; `chmod +x` makes it so"
    return f"permission to execute denied: {program}"


def _interpreter(program: str) -> str:
    try:
        with open(program, "rb") as file:
            line = file.readline(256)
    except OSError:
        return ""
    return line[2:].strip().decode("utf-8", "replace") if line.startswith(b"#!") else ""


def _looks_binary(program: str) -> bool:
    try:
        with open(program, "rb") as file:
            return b"\0" in file.read(256)
    except OSError:
        return True


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
