"""The JSON Schemas that editors check a project's files by, kept in its `schemas/`.

They lie in the project, under version control, and files name them by a relative path: so they are
found without a network, after a clone, and by colleagues who have not installed anything.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

from orchestrate.errors import NotFoundError
from orchestrate.project.model import Project

FOLDER = "schemas"
_MARK = "Made by `orchestrate schema`, which also brings it up to date."


def _playbook() -> dict[str, Any]:
    from orchestrate.playbook.document.schema import playbook_schema

    return playbook_schema()


def _environment() -> dict[str, Any]:
    from orchestrate.project.schema import environment_schema

    return environment_schema()


def _scenario() -> dict[str, Any]:
    from orchestrate.playbook.document.schema import schema_of
    from orchestrate.workflow.scenarios.document import ScenarioFile

    return schema_of(ScenarioFile)


def _settings() -> dict[str, Any]:
    from orchestrate.project.schema import settings_schema

    return settings_schema()


KINDS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "playbook": _playbook,
    "environment": _environment,
    "scenario": _scenario,
    "settings": _settings,
}
"""The documents that have a schema."""


def schema_text(kind: str) -> str:
    """The schema of one of `KINDS`, as a file holds it."""
    schema = {
        "$schema": "",
        "$comment": _MARK,
        **KINDS[kind](),
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def schema_path(kind: str) -> str:
    """Where a project keeps it, relative to the root."""
    return f"{FOLDER}/{kind}.json"


def header(kind: str, file: str) -> str:
    """The line with which `file` (relative to the root) tells editors its schema."""
    up = "../" * (len(PurePosixPath(file).parts) - 1)
    if file.endswith(".toml"):
        return f"#:schema {up or './'}{schema_path(kind)}"
    return f"# yaml-language-server: $schema={up}{schema_path(kind)}"


def outdated(project: Project) -> dict[str, str]:
    """The schemas that the project does not have as they are now: path and text. A file of the
    project's own that only happens to have such a name is left alone.
    """
    texts = {schema_path(kind): schema_text(kind) for kind in KINDS}
    return {path: text for path, text in texts.items() if _is_outdated(project, path, text)}


def _is_outdated(project: Project, path: str, text: str) -> bool:
    try:
        held = (project.root / path).read_bytes()
    except FileNotFoundError:
        return True
    except OSError as error:
        raise NotFoundError(
            f"{path} cannot be read: {error.strerror}", hint="Check who owns it."
        ) from error
    return held != text.encode() and _MARK.encode() in held
