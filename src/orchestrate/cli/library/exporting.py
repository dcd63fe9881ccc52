"""`library --export`: a playbook as it is, as JSON, or as a bundle with what it needs."""

from pathlib import Path

from orchestrate.app import App
from orchestrate.cli.console import err, out
from orchestrate.cli.formats import counted, dump
from orchestrate.cli.library.verb import Asked
from orchestrate.errors import ConflictError, NotFoundError, UsageError
from orchestrate.library.listing import Entry, find_entry
from orchestrate.library.plans import FALLBACK_ENVIRONMENT, load_plan, read_source
from orchestrate.library.writing import Writing

_TO_STDOUT = "-"
_ARCHIVES = {".zip": "zip", ".tar.gz": "tar.gz", ".tgz": "tar.gz"}


def export_playbook(app: App, wanted: Asked) -> int:
    """Write a playbook to a file or to stdout."""
    form = _form(wanted)
    entry = find_entry(app.project, wanted.export)
    output = wanted.output
    if output is None and wanted.bundle:
        output = f"{entry.file.stem}.{form}"
    if output in (None, _TO_STDOUT):
        if wanted.as_json:
            raise UsageError(
                "--json tells about a file that was written, and there is none",
                hint="Say --output FILE, or `--format json` for the playbook as JSON.",
            )
        if wanted.bundle and out.is_terminal():
            raise UsageError(
                "a bundle is no text for a terminal", hint="Say --output FILE, or redirect it."
            )
    data = _bundled(app, entry, wanted, form) if wanted.bundle else _alone(entry, form)
    if output is None or output == _TO_STDOUT:
        out.write_bytes(data)
    else:
        _write(Path(output).expanduser(), data, wanted)
        said: dict[str, object] = {"file": output, "bytes": len(data), "format": form}
        out.line(dump({"name": entry.name, **said}) if wanted.as_json else f"wrote {output}")
    return 0


def _form(wanted: Asked) -> str:
    """The format: as said, or as the name of the file says."""
    name = wanted.output or ""
    if wanted.bundle:
        by_name = next((form for end, form in _ARCHIVES.items() if name.endswith(end)), None)
        form = wanted.format or by_name or "tar.gz"
        if form in ("yaml", "json"):
            raise UsageError(
                f"a bundle is an archive, not {form}", hint="Say --format zip or tar.gz."
            )
        return form
    if wanted.include:
        raise UsageError("--include belongs to --bundle", hint="Add --bundle.")
    form = wanted.format or ("json" if name.endswith(".json") else "yaml")
    if form in ("zip", "tar.gz"):
        raise UsageError(f"{form} is for bundles", hint="Add --bundle.")
    return form


def _alone(entry: Entry, form: str) -> bytes:
    from orchestrate.library.export import as_json

    data = read_source(entry.file)
    return as_json(entry.path, data).encode() if form == "json" else data


def _bundled(app: App, entry: Entry, wanted: Asked, form: str) -> bytes:
    from orchestrate.library.bundles import write_bundle
    from orchestrate.library.bundling import make_bundle

    loaded = load_plan(app.project, None, str(entry.file))
    registry = app.registry(FALLBACK_ENVIRONMENT)
    bundle = make_bundle(app.project, registry, entry, loaded.plan, wanted.include)
    err.line(f"{entry.name} with {counted(len(bundle.files) - 1, 'file')} that it needs:")
    for member in bundle.files:
        err.line(f"  {member.path}")
    return write_bundle(bundle, form)


def _write(file: Path, data: bytes, wanted: Asked) -> None:
    """The whole file, or nothing of it."""
    if file.is_dir():
        raise UsageError(f"{file} is a folder", hint="Name a file in it.")
    if file.exists() and not file.is_file():
        raise UsageError(f"{file} is no regular file", hint="Name another; `-` is stdout.")
    if not file.parent.is_dir():
        raise NotFoundError(f"there is no folder {file.parent}", hint="Make it first.")
    if file.exists() and not wanted.force:
        if file.read_bytes() == data:
            return
        raise ConflictError(
            f"{file} is there already, and differs",
            hint="Choose another --output, or overwrite it with --force.",
        )
    with Writing(file.parent) as writing:
        writing.prepare(file.name, data)
