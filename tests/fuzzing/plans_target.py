"""Plans as they lie in the cache and in the store, damaged in any way."""

from collections.abc import Iterator

from fuzzing.target import Target, documents

from orchestrate.playbook.codec import dump_plan, load_plan
from orchestrate.playbook.compile import check_playbook


def check(data: bytes) -> None:
    """A plan, or a ValueError: then it is compiled anew."""
    try:
        load_plan(data.decode("utf-8", "surrogateescape"))
    except ValueError:
        return


def _seeds() -> Iterator[bytes]:
    for text in documents("tests/scenarios/**/*.yaml", "examples/**/*.yaml", longest=1500):
        plan = check_playbook("t.yaml", text, lambda _: None).plan
        if plan is not None:
            yield dump_plan(plan).encode()


TARGET = Target("stored plans: a plan, or a ValueError", check, _seeds)
