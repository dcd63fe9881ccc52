"""The verbs, and the group that imports a verb's module only when it is called.

`VERBS` holds the summaries too, so that `--help` imports none of them.
"""

import importlib
from typing import NamedTuple, cast

import click

from orchestrate.errors import UsageError

ASKED_BY_SHELL = "_ORCHESTRATE_COMPLETE"
"""The variable by which a shell asks what could come next."""


class Verb(NamedTuple):
    """Where a verb lives (`module:attribute` below `orchestrate.cli`) and what it does."""

    target: str
    summary: str
    hidden: bool = False


VERBS = {
    "run": Verb("run:run", "Execute a playbook (the default verb)."),
    "status": Verb("status:status", "Show running workflows, history, or one workflow."),
    "pause": Verb("control:pause", "Start no more steps of a workflow."),
    "resume": Verb("resume:resume", "Continue a paused, failed or interrupted workflow."),
    "cancel": Verb("control:cancel", "Stop a workflow; what cleans up still runs."),
    "approve": Verb("approve:approve", "Approve or reject what a workflow asks."),
    "complete": Verb("control:complete", "End a workflow by decision."),
    "rerun": Verb("rerun:rerun", "Start a new workflow like an earlier one."),
    "locks": Verb("locks:locks", "Show who holds which lock, and who waits for it."),
    "checkpoints": Verb("checkpoints:checkpoints", "List the checkpoints of a workflow."),
    "analyze": Verb("observing.analysis:analyze", "Show where the time of a workflow went."),
    "trace": Verb("observing.tracing:trace", "Show or export the spans of a workflow."),
    "metrics": Verb("observing.metrics:metrics", "Print figures for monitoring (Prometheus)."),
    "audit": Verb("auditing.verb:audit", "Show who did what; verify and export what was recorded."),
    "serve": Verb("serve:serve", "Start what is due and look after what runs (a daemon)."),
    "token": Verb("token:token", "Make, list and revoke tokens for the API and the console."),
    "worker": Verb("worker:worker", "Execute steps for workflows of a cluster."),
    "workers": Verb("workers:workers", "Show who works for a cluster, or drain a worker."),
    "schedule": Verb("schedule:schedule", "Have a playbook started by the clock."),
    "emit": Verb("emit:emit", "Give the project an event, for triggers."),
    "deliveries": Verb("deliveries:deliveries", "Show what integrations are still to be told."),
    "capacity": Verb("capacity:capacity", "Show what there is, who waits, and what will collide."),
    "create": Verb("create:create", "Make a new playbook from a template, or by questions."),
    "validate": Verb("validate:validate", "Check a playbook without running it."),
    "library": Verb("library.verb:library", "Browse, search, export and import playbooks."),
    "test": Verb("test:test", "Play the scenarios of playbooks; nothing is executed."),
    "logs": Verb("logs:logs", "Show what the steps of a workflow wrote."),
    "graph": Verb("graph:graph", "Draw a playbook or a workflow: Mermaid, DOT, SVG, or lines."),
    "schema": Verb("schema:schema", "Print the JSON Schema that editors check files by."),
    "completion": Verb(
        "completing.verb:completion", "Print what makes Tab complete in bash, zsh or fish."
    ),
    "init": Verb("init:init", "Make a new project."),
    "doctor": Verb("doctor:doctor", "Look for what could keep workflows from running well."),
    "prune": Verb("upkeep:prune", "Remove old workflows and their output."),
    "state": Verb("upkeep:state", "Back up or restore all recorded state."),
    "shell": Verb("shell.verb:shell", "Open a prompt with completion and history."),
    "courier": Verb("courier:courier", "Deliver what others are to be told.", hidden=True),
    "own": Verb("own:own", "Run a workflow that another process made.", hidden=True),
}


class LazyGroup(click.Group):
    """A group whose verbs are imported when they are called; without a verb it is `run`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The verbs in the order of the manual."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import the verb."""
        verb = VERBS.get(cmd_name)
        if verb is None:
            return None
        module, _, attribute = verb.target.partition(":")
        loaded = importlib.import_module(f"orchestrate.cli.{module}")
        return cast(click.Command, getattr(loaded, attribute))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """`orchestrate --playbook X` means `orchestrate run --playbook X`."""
        if not args:
            args.append("--help")
        first = next((word for word in args if word != "--debug"), "")
        if first.startswith("--") and first.partition("=")[0] not in ("--help", "--version", "--"):
            args.insert(args.index(first), "run")
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, but an unknown verb names the nearest one."""
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            raise _unknown_verb(args[0])
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """The table of verbs, from `VERBS` alone."""
        rows = [(name, verb.summary) for name, verb in VERBS.items() if not verb.hidden]
        with formatter.section("Verbs"):
            formatter.write_dl(rows)


def _unknown_verb(name: str) -> UsageError:
    from orchestrate.playbook.diagnostics import nearest

    visible = [verb for verb, entry in VERBS.items() if not entry.hidden]
    near = nearest(name, [*visible, *_playbooks()])
    hint = f"Verbs: {', '.join(visible)}."
    if near in visible:
        hint = f"Did you mean `orchestrate {near}`?"
    elif near is not None:
        hint = f"A playbook is run by `orchestrate run {near}`."
    return UsageError(f"there is no verb `{name}`", hint=hint)


def _playbooks() -> list[str]:
    """What the project has, if this is one."""
    from orchestrate.app import open_app
    from orchestrate.errors import OrchestrateError
    from orchestrate.library.catalogue import names

    try:
        return names(open_app().project)
    except OrchestrateError:
        return []
