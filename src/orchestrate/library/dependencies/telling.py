"""Integrations: whether they have what they need to tell somebody. None of it fails a workflow."""

from collections.abc import Iterator, Mapping
from importlib.util import find_spec

from orchestrate.library.dependencies.model import FOUND, MISSING, Dependency
from orchestrate.playbook.plan import Plan
from orchestrate.project.integrations import Integrations
from orchestrate.project.telling import choose

_LIBRARIES: Mapping[str, str] = {
    "slack": "slack_sdk",
    "jira": "jira",
    "datadog": "datadog_api_client",
    "notify": "apprise",
}
"""What each type is told through; its extra is called like the type."""


def integrations(
    plan: Plan, settings: Integrations, environment: str, env: Mapping[str, str] | None
) -> Iterator[Dependency]:
    """Those that would be told of a workflow in this environment."""
    known = {each.name: each for each in plan.integrations}
    chosen = choose(plan, settings, environment, env)
    for name, why in chosen.untold.items():
        place = known[name].place if name in known else plan.steps[0].place
        hint = "Until that is mended it is not told of workflows."
        yield Dependency("integration", name, place, MISSING, why, hint, required=False)
    for name, events in chosen.told.items():
        place = known[name].place if name in known else plan.steps[0].place
        kind = known[name].type if name in known else name
        library = _LIBRARIES.get(kind)
        there = library is None or find_spec(library) is not None
        yield Dependency(
            "integration",
            name,
            place,
            FOUND if there else MISSING,
            f"{kind}: {', '.join(events)}" if there else f"its library {library} is not installed",
            "" if there else f"Install it: `pip install 'aither-orchestrate[{kind}]'`.",
            required=False,
        )
