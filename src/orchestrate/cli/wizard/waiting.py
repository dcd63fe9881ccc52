"""The questions that make a `wait`: for a time, until a command succeeds, for an event."""

from collections.abc import Callable
from typing import Any

from orchestrate.cli.wizard.asking import Answers, Asker, Option, Question, interview
from orchestrate.playbook.writing.blocks import Block

_FOR = (
    Option("duration", "for a time"),
    Option("until", "until a command succeeds"),
    Option("event", "for an event, given with `orchestrate emit`"),
)
_KEYS = ("event", "source", "filter", "duration", "interval", "timeout")


def wait_body(
    asker: Asker,
    ask: Callable[..., Any],
    own_name: Callable[[Answers], str],
    before: Block,
) -> Block:
    """The keys of a wait. `ask(key, question, default, required=…)` asks for the value of a key;
    `own_name` for the name of a step that reads its own result.
    """

    def required(key: str, question: str) -> Callable[[Answers], Any]:
        return lambda _: ask(key, question, str(before.get(key, "")), required=True)

    def optional(key: str, question: str, default: str = "") -> Callable[[Answers], Any]:
        return lambda _: ask(key, question, str(before.get(key, default)))

    def waits(*what: str) -> Callable[[Answers], bool]:
        return lambda answers: answers["for"] in what

    again = "command that is called again and again"
    example = "only if this holds, such as ${event.data.level} > 2"
    answers = interview(
        [
            Question("for", lambda a: asker.choose("Wait", _FOR, a.get("for"))),
            Question("duration", required("duration", "duration (10s, 5m)"), waits("duration")),
            Question("command", required("command", again), waits("until")),
            Question("interval", optional("interval", "interval between calls", "5s"),
                     waits("until")),
            Question("event", required("event", "type of the event, such as build-finished"),
                     waits("event")),
            Question("source", optional("source", "where it comes from (nothing: anywhere)"),
                     waits("event")),
            Question("filter", optional("filter", f"filter ({example})"), waits("event")),
            Question("timeout", optional("timeout", "timeout, when to give up", "5m"),
                     waits("until", "event")),
            Question("own", own_name, waits("until")),
        ]
    )  # fmt: skip
    body = Block()
    if answers["for"] == "until":
        body["name"] = answers["own"]
        body["command"] = answers["command"]
        body["until"] = f"${{{answers['own']}.success}}"
    for key in _KEYS:
        body.put(key, answers.get(key))
    return body
