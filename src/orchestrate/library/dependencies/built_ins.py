"""What the built-in commands look up in `orchestrate.toml`: checks, backups, targets, suites."""

from collections.abc import Iterator, Mapping, Sequence

from orchestrate.commands.registry import Registry
from orchestrate.errors import CommandError, Place
from orchestrate.library.dependencies.model import (
    FOUND,
    MISSING,
    UNCHECKED,
    Dependency,
    Endpoint,
)
from orchestrate.library.dependencies.urls import endpoints_in
from orchestrate.playbook.plan import Json
from orchestrate.playbook.spelling import nearest

Needs = Iterator[Dependency | Endpoint]


class BuiltIns:
    """Reads the words of calls of built-in commands. `env` is the environment of this process."""

    def __init__(self, registry: Registry, env: Mapping[str, str]) -> None:
        self._registry = registry
        self._settings = registry.project.settings
        self._env = env

    def needs(self, words: Sequence[object], place: Place) -> Needs:
        """What a call needs, if it is one of a built-in command."""
        match words[0] if words else None:
            case "/monitor":
                yield from self._monitor(words, place)
            case "/backup":
                yield from self._backup(words, place)
            case "/notify":
                yield from self._notify(words, place)
            case "/test":
                yield from self._test(words, place)
            case _:
                pass

    def _monitor(self, words: Sequence[object], place: Place) -> Needs:
        checks = self._settings.checks
        named = list(_positional(words[2:], flags=("--comprehensive", "--fail-fast")))
        if not named:
            full = "--comprehensive" in words
            named = [
                name for name, check in checks.items() if full or not check.get("comprehensive")
            ]
        if not named:
            hint = "Add a table [checks.NAME] to orchestrate.toml."
            yield Dependency("check", "any", place, MISSING, "no check is configured", hint)
        for name in named:
            yield _configured("check", name, checks, "checks", place)
            if isinstance(name, str) and name in checks:
                yield from self._check(name, checks[name], place)

    def _check(self, name: str, check: Mapping[str, Json], place: Place) -> Needs:
        if check["type"] == "http":
            yield from endpoints_in(str(check["url"]), place)
        elif check["type"] == "tcp":
            host, port = str(check["host"]), int(str(check["port"]))
            yield Endpoint(host, port, f"[checks.{name}] {host}:{port}", place)
        elif check["type"] == "command":
            yield self._program(check["argv"], place)

    def _backup(self, words: Sequence[object], place: Place) -> Needs:
        settings = self._settings
        chosen = list(_values(words, "--set"))
        for name in chosen:
            yield _configured("backup set", name, settings.backup_sets, "backup.sets", place)
        if not chosen and "create" in words[1:2] and not settings.backup_sets:
            hint = "Add a table [backup.sets.NAME] to orchestrate.toml."
            yield Dependency("backup set", "any", place, MISSING, "none is configured", hint)
        for name in (*_values(words, "--target"), *_values(words, "--from")):
            if not isinstance(name, str) or "/" not in name:
                targets = settings.backup_targets
                found = _configured("backup target", name, targets, "backup.targets", place)
                directory = isinstance(name, str) and (self._registry.project.root / name).is_dir()
                yield found._replace(status=FOUND, detail="a directory") if directory else found

    def _notify(self, words: Sequence[object], place: Place) -> Needs:
        for name in list(_positional(words[1:], flags=()))[:1]:
            targets = self._settings.notify
            found = _configured("notification", name, targets, "notify", place)
            yield found._replace(required=False)
            target = _table(targets, name)
            variable = target.get("url_variable")
            if isinstance(variable, str):
                there = bool(self._env.get(variable))
                detail = f"for [notify.{name}]" if there else f"not set; [notify.{name}] reads it"
                status = FOUND if there else MISSING
                yield Dependency("variable", variable, place, status, detail, required=False)
            if target.get("type") == "command":
                yield self._program(target["argv"], place)._replace(required=False)

    def _test(self, words: Sequence[object], place: Place) -> Needs:
        wanted = next(_values(words, "--environment"), self._registry.environment.name)
        for name in _values(words, "--suite"):
            suites = self._settings.suites
            yield _configured("suite", name, suites, "test.suites", place)
            suite = _table(suites, name)
            if "command" in suite:
                yield self._program(suite["command"], place)
            if "requests" in suite:
                yield from _requests(suite, wanted, place)

    def _program(self, argv: Json, place: Place) -> Dependency:
        words = [str(word) for word in argv] if isinstance(argv, Sequence) else []
        try:
            origin = self._registry.resolve(words[:1]).origin
        except CommandError as error:
            return Dependency("program", words[0], place, MISSING, error.message, error.hint)
        return Dependency("program", words[0], place, FOUND, origin)


def _table(tables: Mapping[str, Mapping[str, Json]], name: object) -> Mapping[str, Json]:
    """A configured table; an empty one for a name that is not known."""
    return tables.get(name, {}) if isinstance(name, str) else {}


def _requests(suite: Mapping[str, Json], environment: object, place: Place) -> Iterator[Endpoint]:
    """The hosts that a suite asks."""
    bases = suite.get("environments")
    own = bases.get(str(environment)) if isinstance(bases, Mapping) else None
    base = own.get("base_url") if isinstance(own, Mapping) else None
    base = base or suite.get("base_url")
    requests = suite.get("requests")
    for request in requests if isinstance(requests, Sequence) else ():
        url = request.get("url", base) if isinstance(request, Mapping) else None
        if isinstance(url, str):
            yield from endpoints_in(url, place)


def _configured(
    kind: str, name: object, known: Mapping[str, object], table: str, place: Place
) -> Dependency:
    if not isinstance(name, str):
        return Dependency(kind, "${…}", place, UNCHECKED, "known only when it is called")
    if name in known:
        return Dependency(kind, name, place, FOUND, f"[{table}.{name}]")
    near = nearest(name, known)
    hint = f"Did you mean `{near}`?" if near else f"Add it to orchestrate.toml: [{table}.{name}]."
    return Dependency(kind, name, place, MISSING, f"there is no [{table}.{name}]", hint)


def _values(words: Sequence[object], option: str) -> Iterator[object]:
    """What an option is given, as `--name value` or `--name=value`."""
    for at, word in enumerate(words):
        if word == option and at + 1 < len(words):
            yield words[at + 1]
        elif isinstance(word, str) and word.startswith(f"{option}="):
            yield word.partition("=")[2]


def _positional(words: Sequence[object], flags: Sequence[str]) -> Iterator[object]:
    """The words that are neither options nor their values."""
    skip = False
    for word in words:
        if skip:
            skip = False
        elif isinstance(word, str) and word.startswith("-"):
            skip = "=" not in word and word not in flags
        else:
            yield word
