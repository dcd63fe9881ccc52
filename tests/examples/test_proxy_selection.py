from collections import Counter

from webapp.proxy.routes import Route, Selection, Table, Upstream

BLUE = (Upstream("blue-1", 1), Upstream("blue-2", 2))
GREEN = (Upstream("green-1", 3),)


def selection(*routes: Route) -> Selection:
    return Selection(Table(routes))


def first_choices(chosen: Selection, count: int) -> Counter[str]:
    return Counter(chosen.by_weight()[0].name for _ in range(count))


def test_shares_are_exact_and_processes_take_turns() -> None:
    chosen = selection(Route("blue", 90, False, BLUE), Route("green", 10, False, GREEN))

    assert first_choices(chosen, 100) == {"blue-1": 45, "blue-2": 45, "green-1": 10}


def test_a_small_share_is_spread_evenly() -> None:
    chosen = selection(Route("blue", 75, False, BLUE), Route("green", 25, False, GREEN))

    names = [chosen.by_weight()[0].name.split("-")[0] for _ in range(8)]

    assert names == ["blue", "blue", "green", "blue", "blue", "blue", "green", "blue"]


def test_a_pool_without_weight_gets_nothing() -> None:
    chosen = selection(Route("blue", 0, False, BLUE), Route("green", 100, False, GREEN))

    assert [each.name for each in chosen.by_weight()] == ["green-1"]


def test_a_standby_comes_after_everything_with_weight() -> None:
    chosen = selection(Route("blue", 0, True, BLUE), Route("green", 100, False, GREEN))

    assert [each.name for each in chosen.by_weight()] == ["green-1", "blue-1", "blue-2"]


def test_a_pool_that_is_named_is_reached_whatever_its_weight() -> None:
    chosen = selection(Route("blue", 0, False, BLUE), Route("green", 100, False, GREEN))

    assert [each.name for each in chosen.of_pool("blue")] == ["blue-1", "blue-2"]
    assert [each.name for each in chosen.of_pool("blue")] == ["blue-2", "blue-1"]
    assert chosen.of_pool("red") == []


def test_no_pool_means_nobody_to_ask() -> None:
    assert selection().by_weight() == []
    assert selection(Route("blue", 100, False, ())).by_weight() == []


def test_a_table_survives_its_json() -> None:
    table = Table((Route("blue", 90, False, BLUE), Route("green", 10, True, GREEN)), draining=False)

    assert Table.from_json(table.to_json()) == table
