"""Compiled plans, kept on disk so that a second run needs neither YAML nor the document model.

An entry is used only if everything that it was made from is unchanged: the program, each source
file and the environment file (by digest), and where each sub-playbook's name leads. An entry that
cannot be read is ignored and written again; a cache that cannot be written costs time, nothing
else. The state directory itself is never made here: its modes are the engine's business.
"""

import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from orchestrate import __version__
from orchestrate.errors import NotFoundError, OrchestrateError
from orchestrate.library.catalogue import find_playbook, names, shown_path
from orchestrate.playbook.plan import Plan
from orchestrate.project.model import Environment, Project

if TYPE_CHECKING:
    from orchestrate.playbook.compile import Compilation

_NAMED_ENVIRONMENT = re.compile(rb"name[\"']?[ \t]*:[ \t]*[\"']?environment\b")
_PARAMETERS = re.compile(rb"^parameters[ \t]*:[^\r\n]*(?:\r?\n(?:[ \t#-][^\r\n]*)?)*", re.MULTILINE)
FALLBACK_ENVIRONMENT = "dev"


class Loaded(NamedTuple):
    """A playbook ready to run, with the environment that it was checked against."""

    plan: Plan
    environment: Environment
    file: Path
    cached: bool


def load_plan(
    project: Project, environment: str | None, name_or_path: str, *, use_cache: bool = True
) -> Loaded:
    """The checked plan of a playbook. Without `environment`: the default of the playbook's own
    parameter `environment`, else `dev`. Raises NotFoundError and PlaybookInvalidError.
    """
    file = find_playbook(project, name_or_path)
    entry = project.state_dir / "cache" / f"{_key(file, environment)}.json"
    if use_cache:
        found = _read_entry(project, file, entry)
        if found is not None:
            return found
    compiling = _Compiling(project, file)
    loaded = compiling.load(environment)
    if use_cache:
        _write_entry(entry, loaded, compiling.references)
    return loaded


class Checked(NamedTuple):
    """A playbook that was read and checked anew, with the environment it was checked against."""

    compilation: "Compilation"
    environment: Environment
    file: Path
    shown: str
    """Its file as messages show it."""


def check_plan(
    project: Project, environment: str | None, name_or_path: str, *, text: bytes | None = None
) -> Checked:
    """Read and check a playbook, the cache left aside; what is wrong with it is not raised.

    `text` is looked at in the place of what its file holds; of an absolute path, the file need not
    be there yet.

    Raises NotFoundError if there is no such playbook, SettingsError for a broken environment file.
    """
    named = Path(name_or_path)
    is_new = text is not None and named.is_absolute()
    file = named if is_new else find_playbook(project, name_or_path)
    return _Compiling(project, file).check(environment, text)


class _Compiling:
    """One compilation, remembering which sub-playbook names led where."""

    def __init__(self, project: Project, file: Path) -> None:
        self.project = project
        self.file = file
        self.references: dict[str, str] = {}

    def load(self, environment: str | None) -> Loaded:
        compilation, context, file, _ = self.check(environment)
        if compilation.plan is None:
            from orchestrate.playbook.diagnostics import PlaybookInvalidError

            raise PlaybookInvalidError(compilation.diagnostics)
        return Loaded(compilation.plan, context, file, cached=False)

    def check(self, environment: str | None, text: bytes | None = None) -> Checked:
        from orchestrate.playbook.compile import check_playbook
        from orchestrate.project.environments import read_environment

        text = read_source(self.file) if text is None else text
        shown = shown_path(self.project, self.file)
        chosen = environment or _declared_environment(shown, text) or FALLBACK_ENVIRONMENT
        context = read_environment(self.project, chosen)
        compilation = check_playbook(
            shown,
            text,
            self.sub_playbook,
            environment_variables=context.variables,
            environment_parameters=tuple(context.parameters),
            known=names(self.project) if b"playbook" in text else (),
        )
        return Checked(compilation, context, self.file, shown)

    def sub_playbook(self, name: str) -> tuple[str, bytes] | None:
        try:
            file = find_playbook(self.project, name, beside=self.file.parent)
        except NotFoundError:
            return None
        self.references[name] = str(file)
        return shown_path(self.project, file), read_source(file)


def read_source(file: Path) -> bytes:
    """The bytes of a playbook; of one that is too large, enough to see that."""
    from orchestrate.playbook.reading.limits import LARGEST

    # Opening a pipe would wait for its writer, reading a device would never end.
    if file.exists() and not file.is_file():
        raise NotFoundError(
            f"{file} is no regular file", hint="A playbook is a file of YAML text; remove this."
        )
    try:
        with file.open("rb") as stream:
            return stream.read(LARGEST + 1)
    except OSError as error:
        raise NotFoundError(
            f"{file} cannot be read: {error.strerror}", hint="Check who owns it."
        ) from error


def _declared_environment(shown: str, text: bytes) -> str | None:
    """The default of a declared parameter `environment`."""
    if not _NAMED_ENVIRONMENT.search(text):
        return None
    from orchestrate.playbook.diagnostics import Diagnostics
    from orchestrate.playbook.nodes import ListNode, MapNode, Scalar
    from orchestrate.playbook.reader import read

    # The whole is read later, and takes its time; this is all that is wanted now.
    block, diagnostics = _PARAMETERS.search(text), Diagnostics()
    document = read(shown, block.group(), diagnostics) if block else None
    if document is None or diagnostics.errors:
        document = read(shown, text, Diagnostics())
    parameters = document.get("parameters") if isinstance(document, MapNode) else None
    for item in parameters.items if isinstance(parameters, ListNode) else ():
        if not isinstance(item, MapNode):
            continue
        name, default = item.get("name"), item.get("default")
        if isinstance(name, Scalar) and name.value == "environment":
            named = isinstance(default, Scalar) and isinstance(default.value, str)
            return str(default.value) if named and isinstance(default, Scalar) else None
    return None


def _key(file: Path, environment: str | None) -> str:
    words = [str(file), environment or "", __version__, _program()]
    return hashlib.sha256("\0".join(words).encode("utf-8", "surrogateescape")).hexdigest()[:40]


def _program() -> str:
    """What the compiler is, by the state of its files: an edited one makes no use of old plans."""
    import orchestrate.playbook

    folder = os.path.dirname(orchestrate.playbook.__file__)  # noqa: PTH120 - on every start
    with os.scandir(folder) as entries:
        files = sorted(
            (entry.name, entry.stat().st_mtime_ns, entry.stat().st_size)
            for entry in entries
            if entry.name.endswith(".py")
        )
    return repr(files)


def _digest(file: str | Path) -> str | None:
    try:
        with open(file, "rb") as stream:  # noqa: PTH123 - on every start
            return hashlib.sha256(stream.read()).hexdigest()
    except OSError:
        return None


def _read_entry(project: Project, file: Path, entry: Path) -> Loaded | None:
    """What the entry holds, or None if it is missing, damaged or out of date."""
    import json

    from orchestrate.playbook.codec import load_plan as decode

    try:
        stored = entry.read_bytes()
    except OSError:
        return None
    seal, _, body = stored.partition(b"\n")
    if hashlib.sha256(body).hexdigest().encode() != seal:
        return None
    head, _, plan = body.partition(b"\n")
    try:
        facts: dict[str, Any] = json.loads(head)
        if not _is_current(project, file, facts):
            return None
        environment = Environment.from_json(facts["environment"])
        return Loaded(decode(plan.decode()), environment, file, cached=True)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        return None


def _is_current(project: Project, file: Path, facts: Mapping[str, Any]) -> bool:
    """Whether everything is as it was when the entry was written."""
    for path, digest in facts["sources"]:
        if _digest(project.root / path) != digest:
            return False
    environment: dict[str, Any] = facts["environment"]
    for candidate in _environment_files(project, environment["name"]):
        expected = environment["digest"] if str(candidate) == environment["path"] else None
        if _digest(candidate) != expected:
            return False
    try:
        return all(
            str(find_playbook(project, name, beside=file.parent)) == path
            for name, path in facts["references"].items()
        )
    except OrchestrateError:
        return False


def _environment_files(project: Project, name: str) -> tuple[Path, ...]:
    folder = project.root / "environments"
    return (folder / f"{name}.yaml", folder / f"{name}.yml")


def _write_entry(entry: Path, loaded: Loaded, references: Mapping[str, str]) -> None:
    import contextlib
    import json

    from orchestrate.playbook.codec import dump_plan

    sources = [[source.path, source.digest] for source in loaded.plan.sources]
    facts = {
        "sources": sources,
        "environment": loaded.environment.to_json(),
        "references": dict(references),
    }
    body = f"{json.dumps(facts)}\n{dump_plan(loaded.plan)}".encode()
    seal = hashlib.sha256(body).hexdigest().encode()
    with contextlib.suppress(OSError):
        entry.parent.mkdir(mode=0o700, exist_ok=True)
        # A link in the place of the folder, or of the draft, leads nowhere.
        folder = os.open(entry.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            draft = f"{entry.stem}.{os.getpid()}"
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
            descriptor = os.open(draft, flags, 0o600, dir_fd=folder)
            with open(descriptor, "wb") as stream:  # noqa: PTH123 - of a descriptor
                stream.write(seal + b"\n" + body)
            os.replace(draft, entry.name, src_dir_fd=folder, dst_dir_fd=folder)
        finally:
            os.close(folder)
