"""For whom files of the state directory are: one user, or a group that shares the folder."""

import os

_GROUP_WRITES = 0o020


def file_mode(folder: "str | os.PathLike[str]") -> int:
    """The mode of a new file in `folder`: for the group too where the folder is for it."""
    return 0o660 if os.stat(folder).st_mode & _GROUP_WRITES else 0o600
