"""What a release has to pass: `make release-check`.

Builds the source distribution from what git knows, and the wheel from that; looks into both;
installs each alone in a fresh virtual environment and uses it; installs the wheel with everything
in another one and runs the tests against it. Arguments are those of pytest; without them: all.
"""

import os
import re
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IN_WHEEL = (
    "orchestrate/py.typed",
    "orchestrate/embedded/schema/0001_journal.sql",
    "orchestrate/web/static/index.html",
    "orchestrate/web/static/licenses.txt",
    "share/man/man1/orchestrate.1",
)
NOT_IN_WHEEL = re.compile(r"^(tests|web-ui|benchmarks)/|(^|/)(node_modules|__pycache__)/|\.pyc$")
STATED = (".dist-info/METADATA", "orchestrate/web/static/licenses.txt")
OURS = "Apache-2.0"
BUNDLED = re.compile(r"^## .*$", re.MULTILINE)
LICENSED = re.compile(r"^## (?P<package>\S+) - \S+ \((?P<license>.+)\)$")
PLAYBOOK = "steps:\n  - command: echo ${run.id} was here\n"


def run(*words: "str | Path", cwd: Path = ROOT, **variables: str) -> str:
    """Run a program that must succeed; gives what it wrote on stdout."""
    command = [str(word) for word in words]
    done = subprocess.run(
        command, cwd=cwd, env=environment(variables), capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"release-check: {' '.join(command)} ended with {done.returncode}\n"
                 f"{done.stdout}{done.stderr}")  # fmt: skip
    return done.stdout


def environment(variables: "dict[str, str]") -> "dict[str, str]":
    """Our own variables, without what would let Python find the checkout."""
    left_out = ("PYTHONPATH", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return {**kept, **variables}


def fresh(folder: Path) -> Path:
    """A new virtual environment; gives where its programs are."""
    venv.create(folder, with_pip=True)
    run(folder / "bin/python", "-m", "pip", "install", "-q", "--upgrade", "pip>=25.1")
    return folder / "bin"


def build(work: Path) -> "tuple[Path, Path]":
    """The source distribution, and the wheel that comes of it."""
    checkout = work / "checkout"
    checkout.mkdir()
    archive = work / "checkout.tar"
    run("git", "archive", "--output", archive, "HEAD")
    with tarfile.open(archive) as packed:
        packed.extractall(checkout, filter="data")
    tools = fresh(work / "tools")
    run(tools / "pip", "install", "-q", "build", "twine")
    run("sh", "scripts/console.sh", "build", cwd=checkout)  # the sdist brings the built console
    run(tools / "python", "-m", "build", "--outdir", work / "dist", cwd=checkout)
    (sdist,), (wheel,) = (sorted((work / "dist").glob(kind)) for kind in ("*.tar.gz", "*.whl"))
    run(tools / "twine", "check", "--strict", sdist, wheel)
    return sdist, wheel


def look_into(wheel: Path) -> None:
    """All that users need is in it, and nothing else."""
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        texts = {name: packed.read(name).decode() for name in names if name.endswith(STATED)}
    missing = [name for name in IN_WHEEL if not any(one.endswith(name) for one in names)]
    foreign = [name for name in names if NOT_IN_WHEEL.search(name)]
    if missing or foreign:
        sys.exit(f"release-check: missing in the wheel: {missing}; foreign: {foreign}")
    metadata, bundled = (next(text for name, text in texts.items() if name.endswith(end))
                         for end in STATED)  # fmt: skip
    if problem := unlike(metadata, bundled):
        sys.exit(f"release-check: {problem}")
    print(
        f"wheel: {wheel.name}, {len(names)} files, {wheel.stat().st_size // 1024} KiB", flush=True
    )


def unlike(metadata: str, bundled: str) -> str:
    """What the metadata say of licences, and should not: they name our own, and those of what the
    console bundles. "": nothing.
    """
    stated = next(
        (line.partition(": ")[2] for line in metadata.splitlines()
         if line.startswith("License-Expression: ")), "",
    )  # fmt: skip
    found = {OURS}
    for heading in BUNDLED.findall(bundled):
        licensed = LICENSED.match(heading)
        if licensed is None:
            return f"licenses.txt names no licence of {heading.removeprefix('## ')}"
        found.update(licensed["license"].split(" AND "))
    if set(stated.split(" AND ")) == found:
        return ""
    wanted = " AND ".join([OURS, *sorted(found - {OURS})])
    return f"`license` in pyproject.toml is {stated!r}; by licenses.txt it should be {wanted!r}"


def use_alone(package: Path, work: Path) -> None:
    """Installed without any extra it runs a playbook, and has its manual page."""
    kind = "wheel" if package.suffix == ".whl" else "sdist"
    programs = fresh(work / f"alone-{kind}")
    run(programs / "pip", "install", "-q", package)
    orchestrate, project = programs / "orchestrate", work / f"project-{kind}"
    run(orchestrate, "init", project)
    (project / "playbooks/here.yaml").write_text(PLAYBOOK)
    said = run(orchestrate, "run", "--playbook", "here", cwd=project)
    logs = run(orchestrate, "logs", "current", cwd=project)
    manual = programs.parent / "share/man/man1/orchestrate.1"
    if "succeeded" not in said or "was here" not in logs or not manual.exists():
        sys.exit(f"release-check: the {kind} alone does not work:\n{said}\n{logs}\n{manual}")
    installed = run(programs / "pip", "list", "--format", "freeze").split()
    version = run(orchestrate, "--version").strip()
    print(f"{kind} alone: {version}, {len(installed)} packages", flush=True)


def test_installed(sdist: Path, wheel: Path, work: Path, selection: Sequence[str]) -> int:
    """Run the tests of the source distribution against the installed wheel."""
    with tarfile.open(sdist) as packed:
        packed.extractall(work / "source", filter="data")
    (source,) = (work / "source").iterdir()
    programs = fresh(work / "everything")
    run(
        programs / "pip",
        "install",
        "-q",
        f"{wheel}[all]",
        "--group",
        f"{source}/pyproject.toml:dev",
    )
    found = run(
        programs / "python", "-c", "import orchestrate; print(orchestrate.__file__)", cwd=source
    )
    if not Path(found.strip()).is_relative_to(work / "everything"):
        sys.exit(f"release-check: what would be tested is {found}")
    command = [programs / "pytest", "--numprocesses", os.environ.get("WORKERS", "2")]
    command += ["--dist", "loadfile", "--no-loadscope-reorder", *selection]
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [str(word) for word in command], cwd=source, env=environment({"PATH": path}), check=False
    ).returncode


def main() -> int:
    """All of it; the last line says how it ended."""
    with tempfile.TemporaryDirectory(prefix="release-") as folder:
        work = Path(folder)
        work.chmod(0o755)  # some tests run what is installed as another user
        sdist, wheel = build(work)
        look_into(wheel)
        for package in (wheel, sdist):
            use_alone(package, work)
        code = test_installed(sdist, wheel, work, sys.argv[1:])
    print("release-check: " + ("FAILED" if code else f"{wheel.name} is good"))
    return code


if __name__ == "__main__":
    sys.exit(main())
