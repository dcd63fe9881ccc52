"""`/notify TARGET`: tell people or systems that orchestrate.toml names ([notify.NAME])."""

import argparse
import json
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from typing import Any

from orchestrate.commands.address import open_address
from orchestrate.commands.builtin.context import Context, load_context, run, say, warn, write_output
from orchestrate.errors import OrchestrateError, UsageError

SEVERITIES = ("info", "success", "low", "medium", "warning", "high", "critical", "failure")
_CONNECT, _ANSWER = 5.0, 15.0
"""Seconds for which a service is waited for."""
_APPRISE_TYPES = {
    "success": "success",
    "medium": "warning",
    "warning": "warning",
    "high": "failure",
    "critical": "failure",
    "failure": "failure",
}


class NotifyError(OrchestrateError):
    """A notification was not delivered."""

    code = "notify"


def main(argv: Sequence[str]) -> int:
    """Run `/notify`; 0 if it was delivered, or if the target is not configured."""
    arguments = _parser().parse_args(argv)
    context = load_context("notify")
    title = arguments.title or _default_title(arguments.severity)
    message = arguments.message or _default_message(context)
    delivered = _deliver(context, arguments.target, arguments.severity, title, message)
    write_output({"target": arguments.target, "delivered": delivered})
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="/notify",
        allow_abbrev=False,
        description="Send a message to a target of orchestrate.toml ([notify.NAME]).",
    )
    parser.add_argument("target")
    parser.add_argument("--severity", choices=SEVERITIES, default="info")
    parser.add_argument("--title")
    parser.add_argument("--message")
    return parser


def _default_title(severity: str) -> str:
    workflow = os.environ.get("ORCHESTRATE_WORKFLOW", "orchestrate")
    return f"[{severity}] {workflow}"


def _default_message(context: Context) -> str:
    workflow = os.environ.get("ORCHESTRATE_WORKFLOW")
    if workflow is None:
        return f"A message from {context.project.root.name} ({context.environment})"
    step = os.environ.get("ORCHESTRATE_STEP", "?")
    return f"Workflow {workflow} in {context.environment} has reached the step {step}"


def _deliver(context: Context, target: str, severity: str, title: str, message: str) -> bool:
    """Deliver it; False if the target is not configured, then it is printed instead."""
    configured = context.settings.notify.get(target)
    url = None if configured is None else _url(configured)
    if configured is None or (configured["type"] == "url" and url is None):
        _print_instead(context, target, title, message, configured)
        return False
    match configured["type"]:
        case "file":
            _to_file(context, configured, severity, title, message)
        case "command":
            _to_command(context, configured, severity, title, message)
        case _:
            _to_url(target, str(url), severity, title, message)
    say(f"notified {target}: {title}")
    return True


def _url(configured: Mapping[str, Any]) -> str | None:
    if "url_variable" in configured:
        return os.environ.get(configured["url_variable"]) or None
    return configured.get("url")


def _print_instead(
    context: Context,
    target: str,
    title: str,
    message: str,
    configured: Mapping[str, Any] | None,
) -> None:
    say(title)
    say(message)
    if configured is None:
        known = ", ".join(sorted(context.settings.notify)) or "none"
        warn(
            f"the notification target `{target}` is not configured, so this was only printed; "
            f"add [notify.{target}] to orchestrate.toml (configured: {known})"
        )
    else:
        variable = configured["url_variable"]
        warn(f"{variable} is not set, so this was only printed and not sent to `{target}`")


def _to_file(
    context: Context, configured: Mapping[str, Any], severity: str, title: str, message: str
) -> None:
    path = context.path(configured["path"])
    entry = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "severity": severity,
        "title": title,
        "message": message,
        "workflow": os.environ.get("ORCHESTRATE_WORKFLOW"),
        "step": os.environ.get("ORCHESTRATE_STEP"),
        "environment": context.environment,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    # One write in append mode: lines of several processes do not mix.
    with path.open("ab", buffering=0) as file:
        file.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")


def _to_command(
    context: Context, configured: Mapping[str, Any], severity: str, title: str, message: str
) -> None:
    timeout = configured.get("timeout", 30.0)
    env = {"NOTIFY_SEVERITY": severity, "NOTIFY_TITLE": title, "NOTIFY_MESSAGE": message}
    try:
        done = subprocess.run(
            configured["argv"],
            cwd=context.project.root,
            env=os.environ | env,
            input=message.encode(),
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NotifyError(f"the notification command did not end within {timeout:g} s") from error
    except (OSError, IndexError) as error:
        raise NotifyError(f"the notification command cannot be run: {error}") from error
    if done.returncode != 0:
        raise NotifyError(f"the notification command ended with exit code {done.returncode}")


def _to_url(target: str, url: str, severity: str, title: str, message: str) -> None:
    try:
        address = open_address(url, _CONNECT, _ANSWER)
    except ImportError as error:
        raise UsageError(
            f"[notify.{target}] has a url, and that needs the package apprise",
            hint="Install it with: pip install 'aither-orchestrate[notify]'",
        ) from error
    if address is None:
        # The address itself may hold a token, so it is not shown.
        raise UsageError(
            f"the url of [notify.{target}] is not one that apprise understands",
            hint="Write it as its documentation says, for example mailto://… or slack://….",
        )
    if not address.send(_APPRISE_TYPES.get(severity, "info"), title, message):
        raise NotifyError(
            f"the notification to `{target}` was not accepted",
            hint="Check its url and the network.",
        )


if __name__ == "__main__":
    run(main)
