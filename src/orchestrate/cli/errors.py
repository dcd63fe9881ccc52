"""The one place where errors become text: `error[code]: message`, the place, what to do."""

import os
import traceback
from typing import TYPE_CHECKING

from orchestrate.cli.console import err
from orchestrate.cli.style import style_of
from orchestrate.errors import ExitCode, OrchestrateError

if TYPE_CHECKING:
    import click

REPORT = (
    "This is a fault of orchestrate itself; run it again with `orchestrate --debug …` to see where."
)

_NUMBERS = {
    "a valid integer range": "a whole number",
    "a valid integer": "a whole number",
    "a valid float range": "a number",
    "a valid float": "a number",
}
"""How people call what click names by its types."""


def render(error: OrchestrateError) -> str:
    """The text of an error, without a final line break."""
    style = style_of(err)
    head = style.bad(f"error[{error.code}]:")
    if "\n" in error.message:
        lines = [f"{head} {_summary(error)}", error.message]
    else:
        lines = [f"{head} {error.message}"]
    if error.place is not None:
        lines.append(f"  --> {error.place}")
    if error.hint:
        first, *rest = error.hint.splitlines()
        lines += [f"  {style.dim('=')} {first}", *(f"    {line}" for line in rest)]
    return "\n".join(lines)


def _summary(error: OrchestrateError) -> str:
    """A headline for errors that carry many findings, each on lines of its own."""
    count = len(getattr(getattr(error, "diagnostics", None), "errors", ()))
    if count:
        return "the playbook has an error" if count == 1 else f"the playbook has {count} errors"
    count = len(getattr(error, "problems", ()))
    return f"the settings have {count} errors" if count else "several things are wrong"


def report(error: BaseException, *, debug: bool) -> int:
    """Tell the user about an error; returns the exit code of the process."""
    if debug:
        err.write("".join(traceback.format_exception(error)))
    if isinstance(error, OrchestrateError):
        err.line(render(error))
        return error.exit_code
    if _is_interruption(error):
        err.line("interrupted")
        return ExitCode.INTERRUPTED
    known = _from_click(error) or _from_system(error)
    if known is None:
        known = OrchestrateError(f"{type(error).__name__}: {error}".strip(), hint=REPORT)
    err.line(render(known))
    return known.exit_code


def _is_interruption(error: BaseException) -> bool:
    """^C, or the end of input where an answer was wanted."""
    import click

    return isinstance(error, KeyboardInterrupt | click.Abort)


def _from_click(error: BaseException) -> OrchestrateError | None:
    """What click says about a wrong call, in our form."""
    import click

    from orchestrate.errors import UsageError

    if not isinstance(error, click.ClickException):
        return None
    hint = "`orchestrate --help` lists the verbs."
    if isinstance(error, click.UsageError) and error.ctx is not None:
        hint = f"`{error.ctx.command_path} --help` lists the options."
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return UsageError(f"`{error.ctx.command_path}` needs a verb", hint=_subverbs(error.ctx))
    if isinstance(error, click.NoSuchOption):
        near = _nearest_option(error)
        message = f"there is no option `{error.option_name}`"
        return UsageError(message, hint=f"Did you mean `{near}`?" if near else hint)
    message = " ".join(error.format_message().split())
    for technical, plain in _NUMBERS.items():
        message = message.replace(technical, plain)
    return UsageError(message[:1].lower() + message[1:].rstrip("."), hint=hint)


def _subverbs(context: "click.Context") -> str:
    """What a verb with verbs of its own can do."""
    commands: dict[str, click.Command] = getattr(context.command, "commands", {})
    path = context.command_path
    lines = [f"  {path} {name}  {it.get_short_help_str(80)}" for name, it in commands.items()]
    return "\n".join(["One of these:", *lines])


def _nearest_option(error: BaseException) -> str | None:
    from orchestrate.playbook.diagnostics import nearest

    context = getattr(error, "ctx", None)
    if context is None:
        return None
    names = [name for option in context.command.params for name in option.opts]
    return nearest(str(getattr(error, "option_name", "")), names)


def _from_system(error: BaseException) -> OrchestrateError | None:
    """Faults of the machine that no room has put into words: a full disk, no permission."""
    import errno

    from orchestrate.errors import StateDirectoryError

    if not isinstance(error, OSError):
        return None
    where = f": {error.filename}" if error.filename else ""
    hints = {
        errno.ENOSPC: "Free some space, then go on with `orchestrate resume`.",
        errno.EDQUOT: "Free some space, then go on with `orchestrate resume`.",
        errno.EROFS: "Point ORCHESTRATE_STATE_DIR at a directory that can be written.",
        errno.EACCES: "Check who owns it, or point ORCHESTRATE_STATE_DIR elsewhere.",
        errno.EPERM: "Check who owns it, or point ORCHESTRATE_STATE_DIR elsewhere.",
        errno.EMFILE: "Raise the limit of open files (`ulimit -n`).",
    }
    refused = (errno.EACCES, errno.EPERM, errno.EROFS)
    if error.errno in refused and _is_elsewhere(error.filename):
        hint = "Check who owns it, and whether this user may read or write there."
        return OrchestrateError(f"{error.filename}: {error.strerror}", hint=hint)
    hint = hints.get(error.errno or 0, "`orchestrate doctor` checks this machine.")
    return StateDirectoryError(f"{error.strerror or error}{where}", hint=hint)


def _is_elsewhere(file: object) -> bool:
    """Whether it is a file outside of the state directory, which then is well where it is."""
    state = os.environ.get("ORCHESTRATE_STATE_DIR") or ".orchestrate"
    return isinstance(file, str) and state not in file
