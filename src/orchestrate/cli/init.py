"""`orchestrate init`: a new project that runs at once."""

from pathlib import Path

import click

from orchestrate.cli.console import out
from orchestrate.errors import ConflictError
from orchestrate.library.schemas import FOLDER, KINDS, header, schema_path, schema_text

SETTINGS = """\
# Settings of this project; everything here is optional.

[engine]
max_parallel = 8                 # steps of one workflow that run at once

[state]
retention_days = 90              # workflows that ended longer ago are pruned

# What `/monitor health` looks at:
[checks.disk]
type = "disk"
path = "."
min_free = 1                     # per cent

# What `/backup create` saves:
[backup.sets.project]
paths = ["playbooks", "commands", "environments", "orchestrate.toml"]

# What `/test run --suite smoke` runs:
[test.suites.smoke]
command = ["true"]
"""

PLAYBOOK = """\
name: hello
description: A first playbook
parameters:
  - name: environment
    default: dev
  - name: who
    default: world

steps:
  - name: greet
    command: /greet --who ${who}

  - name: check
    type: validation
    command: /test run --suite smoke

  - name: tell
    shell: echo "greeted ${who} in ${environment}"
"""

COMMAND = """\
#!/bin/sh
# `/greet --who NAME`: any executable in commands/ is a command of the project.
set -eu
who=world
while [ $# -gt 0 ]; do
  case "$1" in
    --who) who=$2; shift 2 ;;
    *) echo "greet: unknown option $1" >&2; exit 2 ;;
  esac
done
printf 'Hello, %s!\\n' "$who"
printf 'greeting=Hello, %s!\\n' "$who" >> "$ORCHESTRATE_OUTPUT"
"""

ENVIRONMENT = """\
# What playbooks get in the environment {name}.
protected: {protected}
parameters: {{}}
variables: {{}}
"""

_SCHEMAS = {
    "orchestrate.toml": "settings",
    "playbooks": "playbook",
    "environments": "environment",
}
"""What is checked by which schema: the first part of a path, and the kind."""


@click.command()
@click.argument("folder", default=".", type=click.Path(file_okay=False, path_type=Path))
def init(*, folder: Path) -> int:
    """Make a project in FOLDER (here by default): settings, a playbook, a command."""
    files = project_files()
    schemas = {schema_path(kind): schema_text(kind) for kind in KINDS}
    taken = [name for name in (*files, *schemas) if (folder / name).exists()]
    if taken:
        raise ConflictError(
            f"{folder.absolute()} has a project already: {', '.join(taken)}",
            hint="Choose another folder: `orchestrate init FOLDER`. Nothing was changed.",
        )
    for name, text in {**files, **schemas}.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        if name.startswith("commands/"):
            file.chmod(0o755)
    _ignore_state(folder)
    for name in files:
        out.line(f"made {folder / name}")
    out.line(f"made {folder / FOLDER}/")
    step_in = "" if folder == Path() else f"cd {folder} && "
    out.line(f"try it: {step_in}orchestrate run --playbook hello")
    return 0


def project_files() -> dict[str, str]:
    """The files of a new project, each with the line that tells editors its schema."""
    texts = {
        "orchestrate.toml": SETTINGS,
        "playbooks/hello.yaml": PLAYBOOK,
        "commands/greet": COMMAND,
        "environments/dev.yaml": ENVIRONMENT.format(name="dev", protected="false"),
        "environments/staging.yaml": ENVIRONMENT.format(name="staging", protected="false"),
        "environments/production.yaml": ENVIRONMENT.format(name="production", protected="true"),
    }
    return {name: _with_header(name, text) for name, text in texts.items()}


def _with_header(name: str, text: str) -> str:
    kind = _SCHEMAS.get(name.partition("/")[0])
    return text if kind is None else f"{header(kind, name)}\n{text}"


def _ignore_state(folder: Path) -> None:
    """Recorded state does not belong into version control."""
    file = folder / ".gitignore"
    if not file.exists():
        file.write_text(".orchestrate/\n", encoding="utf-8")
