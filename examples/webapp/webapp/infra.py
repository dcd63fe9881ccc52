"""The command line of `commands/infra`."""

import argparse
import difflib
import json
import sys
from collections.abc import Sequence

from webapp.fleet.errors import InfraError
from webapp.fleet.rollout import Rollout
from webapp.fleet.settings import CANARY, read_settings
from webapp.reporting import Report, hand_over
from webapp.verbs import deploying, lifecycle, traffic

FAILED = 1
USAGE = 2
INTERRUPTED = 130


def main(words: Sequence[str] | None = None) -> int:
    """Do what the words say; returns the exit code."""
    options = _parser().parse_args(words)
    try:
        rollout = Rollout(read_settings())
        report = _run(rollout, options)
    except InfraError as error:
        print(f"infra: {error}", file=sys.stderr)
        return USAGE if error.usage else FAILED
    except KeyboardInterrupt:
        print("infra: interrupted; the same call again finishes it", file=sys.stderr)
        return INTERRUPTED
    if options.verb == "status" and options.json:
        print(json.dumps(report.values, indent=1))
    else:
        hand_over(report)
    return 0


def _run(rollout: Rollout, options: argparse.Namespace) -> Report:
    match options.verb:
        case "up":
            return lifecycle.up(rollout, options.version)
        case "down":
            return lifecycle.down(rollout)
        case "status":
            return lifecycle.status(rollout)
        case "check":
            return lifecycle.check(rollout, tuple(_known(rollout, each) for each in options.pool))
        case "failures":
            return lifecycle.failures(rollout)
        case "restart":
            return deploying.restart(rollout, _pool(rollout, options))
        case "deploy":
            return _deploy(rollout, options)
        case "scale":
            return _scale(rollout, options)
        case "decommission":
            return deploying.decommission(rollout, _required_pool(rollout, options))
        case "switch":
            source, target = _known(rollout, options.source), _known(rollout, options.to)
            return traffic.switch(rollout, source, target, gradual=options.gradual)
        case "failover":
            return traffic.failover(rollout, _known(rollout, options.to))
        case _:
            return traffic.rollback(rollout, immediate=options.immediate)


def _deploy(rollout: Rollout, options: argparse.Namespace) -> Report:
    if options.canary:
        percentage = 5 if options.percentage is None else options.percentage
        return deploying.deploy_canary(rollout, options.version, percentage)
    if options.percentage is not None:
        raise InfraError("--percentage goes with --canary", usage=True)
    return deploying.deploy(rollout, _pool(rollout, options), options.version, fast=options.fast)


def _scale(rollout: Rollout, options: argparse.Namespace) -> Report:
    if options.canary and options.percentage is not None and options.instances is None:
        return deploying.scale_canary(rollout, options.percentage)
    if options.instances is None or options.percentage is not None:
        raise InfraError("say --instances N, or --canary --percentage P", usage=True)
    if options.instances < 1:
        raise InfraError("--instances is at least 1; `decommission` ends a pool", usage=True)
    return deploying.scale(rollout, _pool(rollout, options), options.instances)


def _pool(rollout: Rollout, options: argparse.Namespace) -> str | None:
    if options.canary:
        return CANARY
    settings = rollout.settings
    kinds = (
        ("--environment", options.environment, settings.environments),
        ("--region", options.region, settings.regions),
        ("--component", options.component, settings.components),
    )
    return next((_among(value, names, kind) for kind, value, names in kinds if value), None)


def _required_pool(rollout: Rollout, options: argparse.Namespace) -> str:
    pool = _pool(rollout, options)
    if pool is None:
        raise InfraError("say which: --environment, --region, --component or --canary", usage=True)
    return pool


def _known(rollout: Rollout, name: str) -> str:
    return _among(name, rollout.settings.pools, "the pool")


def _among(name: str, names: Sequence[str], kind: str) -> str:
    if name in names:
        return name
    near = difflib.get_close_matches(name, names, n=1)
    meant = f" (did you mean {near[0]}?)" if near else ""
    known = ", ".join(names)
    raise InfraError(f"{kind} {name!r} does not exist{meant}: {known}", usage=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="infra", description="Operates the example application on this machine."
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    up = verbs.add_parser("up", help="start the proxy and the first environment")
    up.add_argument("--version")
    verbs.add_parser("down", help="end everything that was started here")
    status = verbs.add_parser("status", help="what is wanted and what runs")
    status.add_argument("--json", action="store_true")
    check = verbs.add_parser("check", help="fail unless pools are healthy")
    check.add_argument("pool", nargs="*", help="by default those that take traffic")
    verbs.add_parser("failures", help="percent of the requests that could not be answered")
    deploy = verbs.add_parser("deploy", help="bring a version into a pool")
    _add_pools(deploy)
    deploy.add_argument("--version")
    deploy.add_argument("--percentage", type=int, help="of the traffic, with --canary")
    deploy.add_argument("--fast", action="store_true", help="one process, no draining")
    scale = verbs.add_parser("scale", help="change the number of processes")
    _add_pools(scale)
    scale.add_argument("--instances", type=int)
    scale.add_argument("--percentage", type=int, help="of the traffic, with --canary")
    _add_pools(verbs.add_parser("restart", help="renew the processes of a pool"))
    _add_pools(verbs.add_parser("decommission", help="end a pool"))
    switch = verbs.add_parser("switch", help="move the traffic to another pool")
    switch.add_argument("--from", dest="source", required=True)
    switch.add_argument("--to", required=True)
    switch.add_argument("--gradual", action="store_true", help="in steps, watching the target")
    rollback = verbs.add_parser("rollback", help="undo the newest operation")
    rollback.add_argument("--immediate", action="store_true", help="move traffic in one step")
    failover = verbs.add_parser("failover", help="move the traffic to the recovery site")
    failover.add_argument("--to", required=True)
    return parser


def _add_pools(parser: argparse.ArgumentParser) -> None:
    pools = parser.add_mutually_exclusive_group()
    pools.add_argument("--environment", help="blue or green")
    pools.add_argument("--region")
    pools.add_argument("--component")
    pools.add_argument("--canary", action="store_true")
