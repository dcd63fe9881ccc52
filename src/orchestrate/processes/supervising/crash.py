"""Named crash points, for tests that prove what survives `kill -9`. For developers only.

`ORCHESTRATE_CRASH_AT=commit.after:3` ends the process with SIGKILL the third time that it passes
the point `commit.after` (`:1` is the default); with `!stop` behind it, it is stopped instead. The
first supervisor that an engine starts, and its slots, take part; each process counts for itself.
Unset, passing a point costs one call of an empty function.
"""

import os
import signal

VARIABLE = "ORCHESTRATE_CRASH_AT"

ENGINE_POINTS = {
    "claim.after": "a workflow was taken over, nothing of it has run here yet",
    "recover.fenced": "earlier supervisors are fenced, the journal is not replayed to its end",
    "recover.replayed": "the journal is replayed, open attempts are not looked into yet",
    "recover.answered": "it is known what became of open attempts, nothing of that is written",
    "turn.before": "the core has run until nothing moved; none of its events is written",
    "commit.before": "in the writer: applied, not committed",
    "commit.after": "in the writer: durable, nobody knows",
    "launch.before": "an attempt's start is durable, the supervisor does not know of it",
    "launch.after": "the attempt was handed to the supervisor",
    "outcome.before": "a supervisor reported an end, the journal does not know yet",
    "acknowledge.before": "the end is durable, the supervisor has not been told yet",
    "acknowledge.after": "the supervisor was told",
    "undo.decided": "a transaction is to be undone; that is not written",
    "compensation.begun": "that a step is being undone is durable, nothing was started for it",
    "compensation.over": "that a step was undone is durable, the one before is not begun",
    "checkpoint.before": "the store's log is about to be moved into the database",
    "checkpoint.after": "the store's log was moved into the database",
    "grant.before": "what a turn claims and gives back is written, nothing is granted yet",
    "grant.after": "grants are durable, nobody has been told",
    "event.taken": "a step has got the event that it waits for; that is not written",
    "release.before": "the last commit of an owner is not durable yet",
}
"""Where the process that runs a workflow can be ended, and what holds at that moment."""

QUEUE_POINTS = {
    "supersede.before": "a workflow waits for its group, the one before it is not cancelled yet",
    "supersede.after": "the one before it was told to end",
    "rate.taken": "an attempt was given a token of its rate limit, not committed",
}
"""Where a process can be ended that waits until a workflow may begin or an attempt be made."""

DAEMON_POINTS = {
    "serve.ready": "a daemon has taken up what nobody looked after, and started nothing yet",
    "serve.created": "the workflow of a slot or trigger is made, nobody runs it",
    "event.started": "the workflows of an event are begun, what became of it is not recorded",
    "schedule.started": "the workflow of a slot is begun, what became of the slot is not recorded",
}
"""Where a daemon can be ended, beside the points of what it runs."""

DELIVERY_POINTS = {
    "deliver.before": "the next attempt of a delivery is about to be made",
    "deliver.after": "the receiver has answered, what became of the delivery is not recorded",
}
"""Where the process that delivers can be ended. It alone heeds these."""

SUPERVISOR_POINTS = {
    "supervisor.launch": "a launch has arrived and is not admitted yet",
    "supervisor.accepted": "it has a record and a slot, which was not told yet",
    "supervisor.ended": "a slot told an end, no engine was told",
    "supervisor.told": "what a round brought was sent to engines and slots",
    "supervisor.acknowledged": "an engine said that an end is durable, its record is free again",
}
"""Where a supervisor can be ended."""

SLOT_POINTS = {
    "slot.accepted": "it was told what to run, and wrote nothing",
    "slot.spawning": "the record says `spawning`, there is no process",
    "slot.spawned": "there is a process, the record does not know its number",
    "slot.started": "the record says `started`",
    "slot.ended": "the process and its tree have ended, the record does not say how",
    "slot.recorded": "the record holds the end, the supervisor was not told",
    "slot.told": "the supervisor was told",
}
"""Where a slot can be ended."""

_setting = os.environ.get(VARIABLE, "")


def for_supervisor() -> dict[str, str]:
    """The variable for a supervisor that is being started; nothing for all but the first."""
    global _setting
    setting, _setting = _setting, ""
    return {VARIABLE: setting} if setting else {}


if not _setting:

    def crash_point(name: str) -> None:  # pyright: ignore[reportRedeclaration]
        """Pass a named point; does nothing, because no crash was asked for."""

else:
    _point, _, _how = _setting.partition("!")
    _name, _, _count = _point.partition(":")
    _left = int(_count or "1")

    def crash_point(name: str) -> None:
        """Pass a named point; the process ends here if it was asked to."""
        global _left
        if name == _name:
            _left -= 1
            if _left == 0:
                os.kill(os.getpid(), signal.SIGSTOP if _how == "stop" else signal.SIGKILL)
