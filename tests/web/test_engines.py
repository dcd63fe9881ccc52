"""How many engines the API keeps open."""

from contextlib import ExitStack
from pathlib import Path

from orchestrate.app import open_app
from orchestrate.daemon.desk import Desk, acting
from orchestrate.embedded.engine import EmbeddedEngine
from orchestrate.web.engines import Engines


def _engines(root: Path, idle: float) -> Engines:
    (root / "playbooks").mkdir()
    app = open_app(root, {})
    app.lives_on = True
    desk = Desk(
        app, "", lambda author: acting(app, author), lambda request: "", lambda *_: None,
        lambda: (), lambda what, **fields: None,
    )  # fmt: skip
    return Engines(desk, idle)


def _used_at_once(engines: Engines, count: int) -> set[int]:
    """Look with so many at once; tells which those were."""
    with ExitStack() as stack:
        return {id(stack.enter_context(engines.looking())) for _ in range(count)}


def test_engines_are_used_again(tmp_path: Path) -> None:
    engines = _engines(tmp_path, idle=3600.0)
    first = _used_at_once(engines, 3)
    assert len(first) == 3
    assert _used_at_once(engines, 3) == first
    engines.close()


def test_those_that_nobody_needs_are_closed(tmp_path: Path) -> None:
    engines = _engines(tmp_path, idle=0.0)
    closed: list[EmbeddedEngine] = []
    with ExitStack() as stack:
        used = [stack.enter_context(engines.looking()) for _ in range(4)]
        assert len({id(one) for one in used}) == 4
        for one in used:
            _on_close(one, closed)
    assert len(closed) == 3
    with engines.looking() as left:
        assert left not in closed
    engines.close()
    assert len(closed) == 4


def _on_close(engine: EmbeddedEngine, closed: list[EmbeddedEngine]) -> None:
    close = engine.close

    def told(*, process_ends: bool = True) -> None:
        closed.append(engine)
        close(process_ends=process_ends)

    engine.close = told
