"""The keys with which a project encrypts what it stores in Temporal."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from orchestrate.cluster.errors import ClusterError
from orchestrate.errors import UsageError
from orchestrate.project.cluster import ClusterEngine
from orchestrate.project.model import Project

if TYPE_CHECKING:
    from orchestrate.cluster.storing.encryption import Key


def keys_of(
    project: Project, configured: ClusterEngine, env: Mapping[str, str]
) -> "tuple[Key, ...]":
    """What `[engine.encryption]` names; none without it. Raises UsageError, and ClusterError if a
    file cannot be read.
    """
    variable, file = configured.encryption_variable, configured.encryption_file
    if variable is not None:
        where, text = variable, env.get(variable)
        if text is None:
            raise UsageError(
                f"{variable} is not set: it holds the keys of what is stored in Temporal",
                hint="`[engine.encryption] key_variable` names it.",
            )
    elif file is not None:
        where, text = file, _text(project, file)
    else:
        return ()
    try:
        from orchestrate.cluster.storing.encryption import read_keys
    except ModuleNotFoundError as error:
        raise UsageError(
            "`[engine.encryption]` needs the package cryptography",
            hint="Install it: `pip install 'aither-orchestrate[temporal]'`.",
        ) from error
    return read_keys(text, where)


def _text(project: Project, file: str) -> str:
    try:
        return (project.root / file).read_text()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ClusterError(
            f"{file} cannot be read: {why}", hint="Check `[engine.encryption] key_file`."
        ) from error
