"""`[commands.NAME] ssh = "user@host:port"`: a command that is executed on another machine.

A child process of this machine (`python -m orchestrate.commands.remote`) holds the connection. The
far side runs under a watchdog, a POSIX shell that reads the connection: when it ends, whether
because the step was stopped, this process was killed or the network is gone, the watchdog ends
everything that the command started, processes that left its group included (found by a token in
their environment, where the host has /proc).

What the command is told (parameters, secrets in the step's `env`) travels over the connection's
input, so it stands neither in a process list nor in a file. Needs the extra `ssh` (asyncssh), which
reads ~/.ssh/config, the agent and known_hosts as usual.
"""

import os
import re
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from orchestrate.errors import ExitCode
from orchestrate.project.model import CommandMapping

if TYPE_CHECKING:
    import argparse

FORWARDED = (
    "ORCHESTRATE_WORKFLOW",
    "ORCHESTRATE_STEP",
    "ORCHESTRATE_ATTEMPT",
    "ORCHESTRATE_IDEMPOTENCY_KEY",
    "ORCHESTRATE_ENVIRONMENT",
    "TRACEPARENT",
)
"""Variables that reach the far side beside the parameters and those of the step's `env` (which
ORCHESTRATE_FORWARD names)."""
GRACE = 5.0
"""Seconds between TERM and KILL over there; less than here, so that it ends first."""
CONNECTION_FAILED = 255

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BOOTSTRAP = "exec /bin/sh -c 'IFS= read -r script && eval \"$script\"'"
_WATCHDOG = (
    "nl=$(printf '\\nx'); nl=${{nl%x}}; "
    'dir="${{TMPDIR:-/tmp}}/orchestrate-{token}"; mkdir -m 700 "$dir" || exit 1; '
    'export ORCHESTRATE_OUTPUT="$dir/output" ORCHESTRATE_PROGRESS="$dir/progress"; '
    "{exports}"
    '{workdir} || {{ rm -rf "$dir"; exit 1; }}; '
    "tree() {{ kill -$1 -- -$pid 2>/dev/null && found=0 || found=1; "
    "for file in $(grep -ls ORCHESTRATE_REMOTE={token} /proc/[0-9]*/environ); do "
    "one=${{file#/proc/}}; one=${{one%/environ}}; "
    "kill -$1 $one 2>/dev/null && found=0; done; return $found; }}; "
    "stop() {{ tree TERM; left={grace}; "
    "while [ $left -gt 0 ] && tree 0; do sleep 1; left=$((left-1)); done; "
    "left=20; while [ $left -gt 0 ] && tree KILL; do sleep 0.1; left=$((left-1)); done; "
    'rm -rf "$dir"; }}; '
    "exec 3<&0; trap : HUP TERM; "
    "if command -v setsid >/dev/null 2>&1; "
    "then ORCHESTRATE_REMOTE={token} setsid {command} </dev/null 3<&- & "
    "else set -m; ORCHESTRATE_REMOTE={token} {command} </dev/null 3<&- & fi; "
    "pid=$!; "
    '( trap : HUP TERM; while read -r line; do :; done; : >"$dir/stopping"; stop ) '
    "<&3 >/dev/null 2>&1 & "
    "watchdog=$!; exec 3<&- </dev/null; "
    "while :; do wait $pid; code=$?; kill -0 $pid 2>/dev/null || break; done; "
    'if [ -e "$dir/stopping" ]; then wait $watchdog; else kill -KILL $watchdog 2>/dev/null; fi; '
    "exit $code"
)
"""One line, because the bootstrap reads one line and leaves the rest of the input to the watchdog.
`tree SIGNAL` signals all there is and says whether there was anything."""


def remote_call(name: str, mapping: CommandMapping) -> tuple[str, ...]:
    """The words that run `mapping` on its host; without `argv` the host's own program `name`."""
    options: list[str] = ["--host", mapping.ssh or ""]
    for key, value in mapping.options.items():
        options += [f"--{key.replace('_', '-')}", str(value)]
    program = mapping.argv or (name,)
    return (sys.executable, "-m", "orchestrate.commands.remote", *options, "--", *program)


def watchdog_script(
    words: Sequence[str], *, token: str, env: Mapping[str, str], workdir: str | None, grace: float
) -> str:
    """The line of shell that the far side evaluates."""
    exports = "".join(f"export {name}={_quote(value)}; " for name, value in env.items())
    return _WATCHDOG.format(
        token=token,
        exports=exports,
        workdir="true" if workdir is None else f"cd {_quote(workdir)}",
        grace=max(1, round(grace)),
        command=" ".join(map(_quote, words)),
    )


def forwarded(env: Mapping[str, str]) -> dict[str, str]:
    """The variables that the far side gets."""
    names = {*FORWARDED, *env.get("ORCHESTRATE_FORWARD", "").split(",")}
    return {
        name: value
        for name, value in env.items()
        if (name in names or name.startswith("PARAM_")) and _VARIABLE.fullmatch(name)
    }


def _quote(text: str) -> str:
    """One word of POSIX shell on one line; `$nl` holds a newline over there."""
    return "'" + text.replace("'", "'\\''").replace("\n", "'\"$nl\"'") + "'"


async def _run(arguments: "argparse.Namespace", words: Sequence[str]) -> int:
    import asyncio
    import secrets

    token = secrets.token_hex(16)
    async with await _connect(arguments) as connection:
        process: Any = await connection.create_process(_BOOTSTRAP, encoding=None)
        script = watchdog_script(
            words,
            token=token,
            env=forwarded(os.environ),
            workdir=arguments.workdir,
            grace=arguments.grace,
        )
        process.stdin.write(os.fsencode(script) + b"\n")
        stopped_by: list[int] = []

        def stop(number: int) -> None:
            # The watchdog over there sees the end of its input and ends the tree.
            stopped_by.append(number)
            process.stdin.write_eof()

        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, stop, number)
        await _drain(process)
        if stopped_by:
            return 128 + stopped_by[0]
        await _fetch_output(connection, token)
        return process.exit_status if process.exit_status is not None else CONNECTION_FAILED


async def _connect(arguments: "argparse.Namespace") -> Any:
    import asyncssh

    user, _, address = arguments.host.rpartition("@")
    host, _, port = address.partition(":")
    options: dict[str, Any] = {"keepalive_interval": 15, "connect_timeout": 15}
    if user:
        options["username"] = user
    if port:
        options["port"] = int(port)
    if arguments.identity:
        options["client_keys"] = [os.path.expanduser(arguments.identity)]  # noqa: PTH111
    if arguments.known_hosts:
        options["known_hosts"] = os.path.expanduser(arguments.known_hosts)  # noqa: PTH111
    return await asyncssh.connect(host, **options)


async def _drain(process: Any) -> None:
    """Copy the output until the command has ended. A daemon that it left behind and that holds the
    pipes does not hold the step: after the exit what is still under way gets one second.
    """
    import asyncio

    copies = {
        asyncio.create_task(_copy(process.stdout, 1)),
        asyncio.create_task(_copy(process.stderr, 2)),
    }
    pending = copies
    while pending and process.exit_status is None:
        _, pending = await asyncio.wait(pending, timeout=0.2)
    if pending:
        _, pending = await asyncio.wait(pending, timeout=1.0)
    for copy in copies:
        if copy.done():
            copy.result()
        else:
            copy.cancel()


async def _copy(stream: Any, descriptor: int) -> None:
    while data := await stream.read(65536):
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]


async def _fetch_output(connection: Any, token: str) -> None:
    """Bring what the command wrote to ORCHESTRATE_OUTPUT to this machine's file."""
    directory = f'"${{TMPDIR:-/tmp}}/orchestrate-{token}"'
    command = f"exec /bin/sh -c 'cat {directory}/output 2>/dev/null; rm -rf {directory}'"
    result = await connection.run(command, encoding=None)
    path = os.environ.get("ORCHESTRATE_OUTPUT")
    if path and result.stdout:
        with open(path, "ab") as file:  # noqa: PTH123
            file.write(result.stdout)


def main(argv: Sequence[str]) -> int:
    """Run the words after `--` on `--host`; the command's exit code, 255 without a connection."""
    import argparse

    parser = argparse.ArgumentParser(prog="orchestrate.commands.remote", allow_abbrev=False)
    parser.add_argument("--host", required=True)
    parser.add_argument("--workdir")
    parser.add_argument("--identity")
    parser.add_argument("--known-hosts")
    parser.add_argument("--grace", type=float, default=GRACE)
    split = argv.index("--") if "--" in argv else len(argv)
    arguments = parser.parse_args(argv[:split])
    try:
        import asyncio

        import asyncssh
    except ImportError:
        print(
            f"cannot reach {arguments.host}: ssh hosts need the package asyncssh.\n"
            "  Install it with: pip install 'aither-orchestrate[ssh]'",
            file=sys.stderr,
        )
        return ExitCode.USAGE
    try:
        return asyncio.run(_run(arguments, argv[split + 1 :]))
    except (OSError, asyncssh.Error) as error:
        print(
            f"cannot run on {arguments.host}: {str(error) or type(error).__name__}\n"
            f"  Check that `ssh {arguments.host}` works for this user without a question.",
            file=sys.stderr,
        )
        return CONNECTION_FAILED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
