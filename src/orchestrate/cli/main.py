"""The entry point of the command `orchestrate`."""

import os
import sys

import click

from orchestrate import __version__
from orchestrate.cli.console import leave, out
from orchestrate.cli.verbs import ASKED_BY_SHELL, LazyGroup
from orchestrate.errors import ExitCode


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Without a verb, `orchestrate --playbook NAME` is `orchestrate run --playbook NAME`.",
)
@click.version_option(__version__, prog_name="orchestrate")
@click.option("--debug", is_flag=True, hidden=True, help="Show tracebacks.")
def cli(*, debug: bool) -> None:
    """Run operations playbooks durably: parallel, conditional, retried, resumed."""


def main() -> None:
    """Run the command line and end the process with its exit code."""
    if ASKED_BY_SHELL in os.environ:
        from orchestrate.cli.completing.verb import answer

        out.write(answer(os.environ[ASKED_BY_SHELL]))
        leave(ExitCode.SUCCEEDED)
    debug = "--debug" in sys.argv
    try:
        code = _exit_code(cli.main(prog_name="orchestrate", standalone_mode=False))
    except SystemExit as exit_:
        code = _exit_code(exit_.code)
    except click.exceptions.Exit as exit_:
        code = exit_.exit_code
    except BaseException as error:
        from orchestrate.cli.errors import report

        code = report(error, debug=debug)
    out.write("")
    leave(code)


def _exit_code(value: object) -> int:
    return value if isinstance(value, int) else ExitCode.SUCCEEDED
