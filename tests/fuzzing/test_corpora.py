"""What fuzzing found worth keeping, through each target; the long form is `make fuzz`."""

import resource
import time
from contextlib import closing

import pytest
from fuzzing.target import CORPORA, MEGABYTES, NAMES, SECONDS, corpus_of, target_named


@pytest.mark.parametrize("name", NAMES)
def test_what_was_found_once_is_no_fault_any_more(name: str) -> None:
    target = target_named(name)
    with closing(target):
        for path in corpus_of(name):
            began = time.process_time()
            try:
                target.check(path.read_bytes())
            except Exception as error:
                raise AssertionError(f"{path}: {error!r}") from error
            took = time.process_time() - began
            assert took < SECONDS, f"{path} took {took:.1f} s"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < MEGABYTES << 10


def test_each_target_has_a_corpus_and_all_are_small() -> None:
    assert {path.name for path in CORPORA.iterdir()} == set(NAMES)
    files = [path for name in NAMES for path in corpus_of(name)]
    assert all(len(corpus_of(name)) > 4 for name in NAMES)
    assert sum(path.stat().st_size for path in files) < 500_000
