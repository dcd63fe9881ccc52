"""What a step's words mean: which program is executed for `/infra deploy` or `make install`.

A first word `/name` without a further slash is a slash command. It is looked up in this order, and
the first place that has it wins:

1. `commands/NAME` in the project: an executable, or `NAME.py`, `NAME.sh`, `NAME.ps1`;
2. `[commands.NAME]` in the environment's file, then in `orchestrate.toml`;
3. the entry-point group `orchestrate.commands` of installed Python packages;
4. the built-in commands;
5. `orchestrate-NAME` on PATH.

Anything else is a program with arguments, executed without a shell.
"""

import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from orchestrate.commands.model import Resolved
from orchestrate.errors import CommandError, Place
from orchestrate.playbook.plan import Plan
from orchestrate.project.find import STATE_DIRECTORY, STATE_VARIABLE
from orchestrate.project.model import CommandMapping, Environment, Project
from orchestrate.project.sections import BUILT_IN_OPTIONS

COMMANDS = "commands"
ENTRY_POINTS = "orchestrate.commands"
ON_PATH = "orchestrate-"
SUFFIXES = ("", ".py", ".sh", ".ps1")

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_READ_ONLY: Mapping[str, tuple[str, ...] | None] = {
    "monitor": None,
    "backup": ("list", "verify"),
    "test": ("list",),
}
"""Which verbs of a built-in only read; None: all of them."""


class Found(NamedTuple):
    """Where a first word led: the words that replace it, and what else is known."""

    argv: tuple[str, ...]
    origin: str
    env: Mapping[str, str]
    mapping: CommandMapping | None = None
    built_in: str | None = None


class Registry:
    """Resolves the commands of one project in one environment.

    `search_path` is the PATH that bare names are looked up on. What was found is remembered; what
    was not found is looked up again, since an earlier step may have made it.
    """

    def __init__(self, project: Project, environment: Environment, search_path: str) -> None:
        self.project = project
        self.environment = environment
        self.search_path = search_path
        self._found: dict[str, Found] = {}
        self._entry_points: tuple[str, ...] | None = None

    def resolve(self, words: Sequence[str]) -> Resolved:
        """What is executed for `words`: the first word replaced, the others as they are.

        Raises CommandError: not found (it lists where it looked, and the nearest name), not
        executable, or not callable with these arguments.
        """
        if not words or not words[0]:
            raise CommandError(
                "the command is empty",
                hint="Its first word names a command such as /test, or a program.",
            )
        first = words[0]
        found = self._found.get(first)
        if found is None:
            found = self._look_up(first)
            self._found[first] = found
        arguments = tuple(words[1:])
        if found.mapping is not None and found.mapping.playbook is not None:
            from orchestrate.commands.playbook_mapping import playbook_arguments

            arguments = playbook_arguments(first, found.mapping, arguments)
        return Resolved(
            argv=(*found.argv, *arguments),
            origin=found.origin,
            read_only=found.built_in is not None and _reads_only(found.built_in, arguments),
            env=found.env,
            host=found.mapping.ssh if found.mapping is not None else None,
            playbook=found.mapping.playbook if found.mapping is not None else None,
            variables=self._addresses(arguments) if found.built_in == "notify" else (),
        )

    def _addresses(self, arguments: Sequence[str]) -> tuple[str, ...]:
        """The variables with the addresses of the targets that these words name."""
        targets = self.project.settings.notify
        named = [targets[word] for word in arguments if word in targets]
        return tuple(str(target["url_variable"]) for target in named if "url_variable" in target)

    def check(self, plan: Plan) -> list[tuple[Place, str, str]]:
        """What cannot be called in `plan`, sub-playbooks included: place, message, hint.

        Only first words that are literal can be checked before a run.
        """
        from orchestrate.commands.plan_calls import literal_calls

        problems: list[tuple[Place, str, str]] = []
        missing: dict[str, CommandError] = {}
        for place, words in literal_calls(plan):
            try:
                if words[0] in missing:
                    raise missing[words[0]]
                resolved = self.resolve(words)
            except CommandError as error:
                problems.append((place, error.message, error.hint))
                if words[0] not in self._found:  # else only these arguments are wrong
                    missing[words[0]] = error
                continue
            if refusal := self._refusal(words[0], resolved):
                problems.append((place, *refusal))
        return problems

    def _refusal(self, word: str, resolved: Resolved) -> tuple[str, str] | None:
        shortens = resolved.origin == "built-in" and "max_duration" in self.options(word[1:])
        if not (shortens and self.environment.protected):
            return None
        return (
            (
                f"`{word}` would be shortened: [commands.{word[1:]}] sets max_duration, "
                f"and environment `{self.environment.name}` is protected"
            ),
            "Remove max_duration; a protected environment is watched for the whole time.",
        )

    def mapping_of(self, word: str) -> CommandMapping | None:
        """The mapping that a word led to when it was resolved."""
        found = self._found.get(word)
        return None if found is None else found.mapping

    def options(self, name: str) -> dict[str, object]:
        """What `[commands.NAME]` sets for that built-in; the environment's file wins."""
        options: dict[str, object] = {}
        for commands in (self.project.settings.commands, self.environment.commands):
            if name in commands:
                options.update(commands[name].options)
        return options

    def _look_up(self, first: str) -> Found:
        if not first.startswith("/") or "/" in first[1:]:
            return self._program(first)
        name = first[1:]
        if not _NAME.fullmatch(name):
            raise CommandError(
                f"`{first}` cannot be a command",
                hint="A command is a slash and a name of letters, digits, `-`, `_` and `.`.",
            )
        found = (
            self._project_command(name)
            or self._mapping(name)
            or self._entry_point(name)
            or self._built_in(name)
            or self._on_path(name)
        )
        if found is None:
            raise self._not_found(name)
        return found

    # The places, in order.

    def _project_command(self, name: str) -> Found | None:
        for suffix in SUFFIXES:
            path = self.project.root / COMMANDS / f"{name}{suffix}"
            if path.is_file():
                argv = self._launch(path, suffix or path.suffix)
                return Found(argv, f"{COMMANDS}/{path.name}", self._env())
        return None

    def _launch(self, path: Path, suffix: str) -> tuple[str, ...]:
        match suffix:
            case ".py":
                return (sys.executable, str(path))
            case ".sh":
                return ("/bin/sh", str(path))
            case ".ps1":
                return (self._powershell(path), "-NoProfile", "-File", str(path))
            case _:
                _require_executable(path)
                return (str(path),)

    def _powershell(self, path: Path) -> str:
        import shutil

        found = shutil.which("pwsh", path=self.search_path)
        if found is None:
            raise CommandError(
                f"{COMMANDS}/{path.name} needs PowerShell, and there is no `pwsh` on PATH",
                hint="Install PowerShell 7, or write the command in another language.",
            )
        return found

    def _mapping(self, name: str) -> Found | None:
        for commands in (self.environment.commands, self.project.settings.commands):
            mapping = commands.get(name)
            if mapping is None or not mapping.calls_something:
                continue
            if mapping.playbook is not None:
                from orchestrate.commands.playbook_mapping import playbook_call

                argv = playbook_call(mapping.playbook, self.environment.name)
                return Found(argv, mapping.origin, self._env() | self._moved_state(), mapping)
            if mapping.ssh is not None:
                from orchestrate.commands.remote import remote_call

                return Found(remote_call(name, mapping), mapping.origin, self._env(), mapping)
            try:
                program = self._program(mapping.argv[0])
            except CommandError as error:
                message = f"`/{name}` ({mapping.origin}): {error.message}"
                raise CommandError(message, hint=error.hint) from error
            return Found((*program.argv, *mapping.argv[1:]), mapping.origin, self._env(), mapping)
        return None

    def _entry_point(self, name: str) -> Found | None:
        if name not in self._entry_point_names():
            return None
        argv = (sys.executable, "-m", "orchestrate.commands.entry", name)
        return Found(argv, f"entry point {name} of {ENTRY_POINTS}", self._env())

    def _built_in(self, name: str) -> Found | None:
        if name not in BUILT_IN_OPTIONS:
            return None
        import json

        argv = (sys.executable, "-m", f"orchestrate.commands.builtin.{name}")
        env = self._env() | {
            "ORCHESTRATE_STATE_DIR": str(self.project.state_dir),
            "ORCHESTRATE_PROTECTED": "1" if self.environment.protected else "0",
            "ORCHESTRATE_COMMAND_OPTIONS": json.dumps(self.options(name)),
        }
        return Found(argv, "built-in", env, built_in=name)

    def _on_path(self, name: str) -> Found | None:
        import shutil

        path = shutil.which(f"{ON_PATH}{name}", path=self.search_path)
        return None if path is None else Found((path,), path, self._env())

    def _program(self, word: str) -> Found:
        if "/" in word:
            path = self.project.root / word
            if not path.exists():
                raise CommandError(
                    f"there is no program {word}",
                    hint="" if word[0] == "/" else f"It was looked for in {self.project.root}.",
                )
            _require_executable(path)
            return Found((str(path) if word[0] != "/" else word,), word, self._env())
        import shutil

        found = shutil.which(word, path=self.search_path)
        if found is None:
            raise self._no_program(word)
        return Found((found,), found, self._env())

    # Messages.

    def _not_found(self, name: str) -> CommandError:
        looked = (
            f"{COMMANDS}/{name}, [commands.{name}], entry points `{ENTRY_POINTS}`, "
            f"the built-ins, {ON_PATH}{name} on PATH"
        )
        return CommandError(
            f"there is no command `/{name}`; looked for it in: {looked}",
            hint=_meant(name, self.names(), "/")
            or f"Add an executable {COMMANDS}/{name}, or a table [commands.{name}].",
        )

    def _no_program(self, word: str) -> CommandError:
        names = self.names()
        hint = f"Did you mean the command `/{word}`?" if word in names else ""
        if not hint and (self.project.root / word).is_file():
            hint = f"To run the file in the project, write `./{word}`."
        return CommandError(
            f"there is no program `{word}` on PATH",
            hint=hint or "Install it, or give its path (`./name` is in the project's root).",
        )

    def names(self) -> tuple[str, ...]:
        """Every slash command that can be called here, without the slash, sorted."""
        names = set(BUILT_IN_OPTIONS) | set(self._entry_point_names())
        for commands in (self.environment.commands, self.project.settings.commands):
            names |= {name for name, mapping in commands.items() if mapping.calls_something}
        directory = self.project.root / COMMANDS
        if directory.is_dir():
            names |= {
                path.stem if path.suffix in SUFFIXES else path.name
                for path in directory.iterdir()
                if path.is_file() and not path.name.startswith(".")
            }
        for directory in map(Path, self.search_path.split(os.pathsep)):
            if directory.is_dir():
                names |= {path.name[len(ON_PATH) :] for path in directory.glob(f"{ON_PATH}*")}
        return tuple(sorted(names))

    def _entry_point_names(self) -> tuple[str, ...]:
        if self._entry_points is None:
            # Reading the metadata of all installed packages takes some 20 ms: only when reached.
            from importlib.metadata import entry_points

            self._entry_points = tuple(point.name for point in entry_points(group=ENTRY_POINTS))
        return self._entry_points

    def _moved_state(self) -> dict[str, str]:
        """The state directory for a nested run, unless it finds it in the project anyway."""
        if self.project.state_dir == self.project.root / STATE_DIRECTORY:
            return {}
        return {STATE_VARIABLE: str(self.project.state_dir)}

    def _env(self) -> dict[str, str]:
        return {
            "ORCHESTRATE_PROJECT": str(self.project.root),
            "ORCHESTRATE_ENVIRONMENT": self.environment.name,
        }


def _reads_only(name: str, arguments: Sequence[str]) -> bool:
    if name not in _READ_ONLY:
        return False
    verbs = _READ_ONLY[name]
    return verbs is None or (bool(arguments) and arguments[0] in verbs)


def _require_executable(path: Path) -> None:
    if path.is_dir():
        raise CommandError(f"{path} is a directory, not a program")
    if not os.access(path, os.X_OK):
        raise CommandError(f"{path} is not executable", hint=f"Make it executable: chmod +x {path}")


def _meant(name: str, names: Sequence[str], prefix: str) -> str:
    from orchestrate.playbook.diagnostics import nearest

    near = nearest(name, names)
    return f"Did you mean `{prefix}{near}`?" if near else ""
