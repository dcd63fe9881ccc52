"""`orchestrate completion`, and the answers to shells that ask what Tab is to offer."""

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
)

from orchestrate.cli.completing.candidates import after_program
from orchestrate.cli.console import out
from orchestrate.cli.verbs import ASKED_BY_SHELL, LazyGroup


class _Ours(ShellComplete):
    """Click's way to talk with a shell, with what we know of projects."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """What could come after these words; nothing where there is no project."""
        from orchestrate.app import open_app
        from orchestrate.cli.completing.names import names_of
        from orchestrate.errors import OrchestrateError

        try:
            names = names_of(open_app(), lambda: None)
            found = after_program(args, incomplete, names)
        except OrchestrateError:
            return []
        return [CompletionItem(one.text, help=one.remark or None) for one in found]


class _Bash(_Ours, BashComplete):
    pass


class _Zsh(_Ours, ZshComplete):
    pass


class _Fish(_Ours, FishComplete):
    pass


_SHELLS: dict[str, type[ShellComplete]] = {"bash": _Bash, "zsh": _Zsh, "fish": _Fish}


@click.command()
@click.argument("shell", type=click.Choice(list(_SHELLS)))
def completion(*, shell: str) -> int:
    """Print what makes Tab complete in a shell.

    Put `eval "$(orchestrate completion bash)"` into ~/.bashrc, the same with zsh into ~/.zshrc, or
    `orchestrate completion fish > ~/.config/fish/completions/orchestrate.fish`.
    """
    out.write(_of(shell).source())
    return 0


def answer(asked: str) -> str:
    """What to tell a shell; `asked` is `bash_complete` and the like."""
    shell, _, what = asked.partition("_")
    if shell not in _SHELLS or what != "complete":
        return ""
    return _of(shell).complete() + "\n"


def _of(shell: str) -> ShellComplete:
    return _SHELLS[shell](LazyGroup(), {}, "orchestrate", ASKED_BY_SHELL)
