import pytest

from orchestrate.embedded import listing, ownership
from orchestrate.embedded.claims import Claim
from orchestrate.embedded.runtime import Owned
from orchestrate.errors import ConflictError


def test_whoever_comes_second_is_told_who_came_first(project) -> None:
    engine = project.engine()
    workflow, _ = engine.create(project.new("steps:\n  - shell: exit 0\n"))
    row = engine.store.reading(lambda c: listing.get(c, workflow))
    me = ownership.myself("")
    claim = Claim(row.number, workflow, me, "", expected=row.last_seq)
    assert isinstance(engine.store.writer.call(claim), Owned)
    with pytest.raises(ConflictError) as caught:
        engine.store.writer.call(claim)
    assert caught.value.message == f"{workflow} is being resumed by process {me.pid}"
    assert "logs" in caught.value.hint
