"""What many processes see of locks, while they are killed and locks are taken away, is what locks
that are never held wrongly would show.
"""

import os
import random
from pathlib import Path

from embedded.conftest import Project
from histories.programs import Programs
from histories.register import explain

FULL = os.environ.get("STORM") == "full"
ROUNDS = 100 if FULL else 2
WORKFLOWS = 12


def test_histories_of_random_programs_can_be_explained(tmp_path: Path) -> None:
    seed = os.environ.get("SEED") or str(random.SystemRandom().randrange(1 << 32))
    kills = operations = 0
    for number in range(ROUNDS):
        project = Project(tmp_path / str(number))
        project.root.mkdir()
        programs = Programs(project, f"{seed}/{number}", WORKFLOWS)
        try:
            programs.play()
            for lock, history in programs.histories().items():
                operations += len(history)
                assert explain(history), (lock, history)
            assert programs.left() == []
        except AssertionError as error:
            raise AssertionError(f"SEED={seed}, round {number}: {error}") from error
        finally:
            project.close()
        kills += programs.kills
    print(f"{ROUNDS} rounds, {operations} operations, {kills} processes killed, seed {seed}")
    assert kills > 0
    assert operations > 4 * ROUNDS
