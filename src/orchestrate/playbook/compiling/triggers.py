"""Compiles `triggers:`: values, times, conditions, and the parameters that they give."""

import re
from collections.abc import Mapping, Sequence
from typing import cast
from urllib.parse import urlsplit

from orchestrate.errors import UsageError
from orchestrate.playbook.compiling.parameters import written_value
from orchestrate.playbook.compiling.triggered import TriggerNames
from orchestrate.playbook.compiling.values import scalars_of, text_of, truth_of
from orchestrate.playbook.cron import parse_cron, zone_named
from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.durations import parse_duration
from orchestrate.playbook.expression.known import is_env_name
from orchestrate.playbook.nodes import ListNode, MapNode, Node, Scalar
from orchestrate.playbook.parameters import convert
from orchestrate.playbook.plan import Json, Plan, Secret, Template
from orchestrate.playbook.spelling import nearest
from orchestrate.playbook.triggers import (
    MAX_BODY,
    EventTrigger,
    FileTrigger,
    Rate,
    ScheduleTrigger,
    Trigger,
    WebhookTrigger,
)

_SECRET = re.compile(
    r"\$\{\s*(?:secrets\.)?([A-Za-z_][A-Za-z0-9_-]*)\s*\}|([A-Za-z_][A-Za-z0-9_-]*)"
)
_SIZE = re.compile(r"(\d+)\s*(?:([KM])(i?)B)?")
_RATE = re.compile(r"(\d+)\s*/\s*(second|minute|hour|day)")
_SECONDS = {"second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86400.0}
_CHANGES = ("created", "changed", "removed")
_METHODS = ("POST", "PUT", "PATCH", "GET", "DELETE")
_DEFAULT_RATE = Rate(60, 60.0)
_TAKEN = ("/events", "/metrics", "/healthz", "/readyz")
"""Paths at which the daemon itself answers."""
_TAKEN_BELOW = ("/api/", "/console/")
"""And all below these."""


def compile_triggers(
    node: Node | None, plan: Plan, diagnostics: Diagnostics
) -> tuple[Trigger, ...]:
    """The triggers of a playbook. `plan` has its parameters and secrets already."""
    found: list[Trigger] = []
    names: set[str] = set()
    for position, item in enumerate(node.items if isinstance(node, ListNode) else ()):
        if not isinstance(item, MapNode):
            continue
        name = text_of(item.get("name")) or str(position + 1)
        if name in names:
            diagnostics.error(
                "name-collision",
                f"another trigger is named `{name}`",
                item.place,
                hint="choose another name",
            )
        names.add(name)
        trigger = _Compiler(item, name, plan, diagnostics).compile()
        if trigger is not None:
            found.append(trigger)
    return tuple(found)


class _Compiler:
    """Compiles one trigger."""

    def __init__(self, node: MapNode, name: str, plan: Plan, diagnostics: Diagnostics) -> None:
        self._node = node
        self._fields = {entry.key.text: entry.value for entry in node.entries}
        self._name = name
        self._plan = plan
        self._diagnostics = diagnostics
        self._type = text_of(self._fields.get("type")) or ""
        self._names = TriggerNames(self._type, diagnostics)

    def compile(self) -> Trigger | None:
        """The trigger; None if its type is none, which was reported."""
        match self._type:
            case "schedule":
                return self._schedule()
            case "event":
                return self._event()
            case "webhook":
                return self._webhook()
            case "file":
                return self._file()
            case _:
                return None

    def _common(self) -> dict[str, object]:
        environment = text_of(self._fields.get("environment"))
        allowed = self._plan.environments
        if environment is not None and allowed is not None and environment not in allowed:
            self._error(
                "unknown-value",
                f"the playbook may not run in `{environment}`",
                "environment",
                f"its `environments` are: {', '.join(allowed)}",
            )
        return {
            "name": self._name,
            "place": self._node.place,
            "enabled": truth_of(self._fields.get("enabled"), default=True),
            "environment": environment,
        }

    def _schedule(self) -> Trigger:
        cron, zone = self._text("cron") or "@daily", self._text("time_zone")
        for key, value, check in (("cron", cron, parse_cron), ("time_zone", zone, zone_named)):
            try:
                if value is not None:
                    check(value)
            except UsageError as error:
                self._error("bad-value", error.message, key, error.hint)
        return ScheduleTrigger(
            **cast("dict[str, str]", self._common()),  # pyright: ignore[reportArgumentType]
            cron=cron,
            zone=zone,
            dst=self._text("dst") or "run-once",
            catch_up=self._text("catch_up") or "latest",
            overlap=self._text("overlap") or "skip",
            jitter=self._duration("jitter", 0.0),
            parameters=cast("Mapping[str, Json]", self._parameters()),
        )

    def _event(self) -> Trigger:
        return EventTrigger(
            **cast("dict[str, str]", self._common()),  # pyright: ignore[reportArgumentType]
            source=self._text("source"),
            event=self._text("event") or "",
            filter=self._names.condition(self._fields.get("filter")),
            parameters=self._parameters(),
        )

    def _webhook(self) -> Trigger:
        url = self._text("url") or "/"
        path = urlsplit(url).path if "://" in url else url.partition("?")[0]
        taken = path in ("/", *_TAKEN) or path.startswith(_TAKEN_BELOW)
        if taken or not path.startswith("/"):
            self._error(
                "bad-value",
                f"`{url}` has no path that a webhook can have",
                "url",
                "such as `https://api.example.com/deploy-hook`, or only `/deploy-hook`; "
                f"{', '.join(f'`{each}`' for each in _TAKEN)} are taken, and all below "
                f"{' and '.join(f'`{each}`' for each in _TAKEN_BELOW)}",
            )
        signature = self._text("signature") or "orchestrate"
        secret = self._secret()
        if signature == "none" and "secret" in self._fields:
            self._error(
                "bad-value", "`signature: none` needs no secret", "secret", "remove one of the two"
            )
        methods = tuple(node.text.upper() for node in scalars_of(self._fields.get("methods")))
        for method in methods:
            if method not in _METHODS:
                known = ", ".join(_METHODS)
                self._error(
                    "unknown-value", f"`{method}` is no method", "methods", f"there are: {known}"
                )
        return WebhookTrigger(
            **cast("dict[str, str]", self._common()),  # pyright: ignore[reportArgumentType]
            url=url,
            path=path,
            secret=secret,
            signature=signature,
            methods=methods or ("POST",),
            max_body=_size(self._text("max_body")),
            rate=_rate(self._text("rate")),
            filter=self._names.condition(self._fields.get("filter")),
            parameters=self._parameters(),
        )

    def _secret(self) -> Secret | None:
        text = self._text("secret")
        if text is None:
            return None
        place = self._fields["secret"].place
        found = _SECRET.fullmatch(text.strip())
        name = (found[1] or found[2]) if found else ""
        known = {secret.name: secret for secret in self._plan.secrets}
        if name in known:
            return known[name]
        if is_env_name(name):
            return Secret(name, "environment", {"variable": name}, place)
        near = nearest(name, known) if name else None
        self._error(
            "undefined-name",
            "the secret of the webhook is none of the playbook's `secrets`",
            "secret",
            f"did you mean `${{secrets.{near}}}`?"
            if near
            else "declare it under `secrets:` and write `${secrets.NAME}`; never the value itself",
        )
        return None

    def _file(self) -> Trigger:
        changes = tuple(node.text for node in scalars_of(self._fields.get("on")))
        for change in changes:
            if change not in _CHANGES:
                near = nearest(change, _CHANGES)
                hint = f"did you mean `{near}`?" if near else f"it can be {', '.join(_CHANGES)}"
                self._error("unknown-value", f"`on` cannot be `{change}`", "on", hint)
        return FileTrigger(
            **cast("dict[str, str]", self._common()),  # pyright: ignore[reportArgumentType]
            pattern=self._text("path") or "",
            on=changes or ("created",),
            settle=self._duration("settle", 1.0),
            filter=self._names.condition(self._fields.get("filter")),
            parameters=self._parameters(),
        )

    def _parameters(self) -> Mapping[str, Template]:
        """The values that it gives, each of a parameter that there is."""
        node = self._fields.get("parameters")
        declared = {parameter.name: parameter for parameter in self._plan.parameters}
        given: dict[str, Template] = {}
        for entry in node.entries if isinstance(node, MapNode) else ():
            key, parameter = entry.key, declared.get(entry.key.text)
            if parameter is None:
                near = nearest(key.text, declared)
                hint = f"did you mean `{near}`?" if near else _listed(tuple(declared))
                self._diagnostics.error(
                    "unknown-parameter",
                    f"the playbook has no parameter `{key.text}`",
                    key.place,
                    hint=hint,
                    length=len(key.text),
                )
                continue
            if parameter.secret:
                self._diagnostics.error(
                    "secret-in-expression",
                    f"the parameter `{key.text}` is secret; a trigger cannot give it",
                    key.place,
                    hint="let the playbook take it from `secrets:`",
                    length=len(key.text),
                )
            template, fixed = self._names.template(entry.value)
            if fixed:
                template = written_value(entry.value, parameter.type)
                try:
                    convert(parameter, template)
                except ValueError as error:
                    self._diagnostics.error(
                        "bad-value",
                        f"`{key.text}` {error}",
                        entry.value.place,
                        hint=f"its type is {parameter.type}",
                    )
            given[key.text] = template
        self._check_given(given)
        return given

    def _check_given(self, given: Mapping[str, Template]) -> None:
        missing = [
            parameter.name
            for parameter in self._plan.parameters
            if parameter.required
            and parameter.name not in given
            and parameter.name != "environment"
        ]
        if missing:
            self._diagnostics.warning(
                "trigger-without-parameter",
                f"the trigger gives no `{missing[0]}`, which has no default",
                self._node.place,
                hint="give it under the trigger's `parameters:`, or in the environment's file",
            )

    def _text(self, key: str) -> str | None:
        return text_of(self._fields.get(key))

    def _duration(self, key: str, default: float) -> float:
        node = self._fields.get(key)
        if not isinstance(node, Scalar):
            return default
        try:
            return parse_duration(node.value)
        except ValueError:
            return default

    def _error(self, rule: str, message: str, key: str, hint: str) -> None:
        node = self._fields.get(key, self._node)
        length = len(node.text.split("\n")[0]) if isinstance(node, Scalar) else 1
        self._diagnostics.error(rule, message, node.place, hint=hint, length=length)


def _listed(names: Sequence[str]) -> str:
    return f"there are: {', '.join(names)}" if names else "declare it under `parameters:`"


def _size(text: str | None) -> int:
    found = _SIZE.fullmatch(text or "")
    if found is None:
        return MAX_BODY
    base = 1024 if found[3] else 1000
    return int(found[1]) * base ** {None: 0, "K": 1, "M": 2}[found[2]]


def _rate(text: str | None) -> Rate:
    found = _RATE.fullmatch(text or "")
    return Rate(int(found[1]), _SECONDS[found[2]]) if found else _DEFAULT_RATE
