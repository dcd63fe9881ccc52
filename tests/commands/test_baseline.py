from pathlib import Path

from orchestrate.commands.builtin.baseline import (
    Figures,
    compare,
    read_baseline,
    record_baseline,
)


def compared(now: Figures, before: Figures) -> tuple[list[str], list[str]]:
    return compare({"web": now}, {"web": before, "gone": before}, tolerance=0.5, threshold=0.95)


def test_a_latency_must_grow_by_ratio_and_noticeably() -> None:
    assert compared(Figures(1, 0.012, None, None), Figures(1, 0.002, None, None))[1] == []
    assert compared(Figures(1, 0.5, None, None), Figures(1, 0.4, None, None))[1] == []
    assert compared(Figures(1, 0.7, None, None), Figures(1, 0.4, None, None)) == (
        ["web pass rate", "web latency"],
        ["web: latency 700 ms, was 400 ms"],
    )


def test_a_pass_rate_may_fall_by_what_the_threshold_leaves() -> None:
    assert compared(Figures(0.96, None, None, None), Figures(1, None, None, None))[1] == []
    assert compared(Figures(0.9, None, None, None), Figures(1, None, None, None))[1] == [
        "web: pass rate 90%, was 100%"
    ]


def test_a_value_is_compared_in_its_direction() -> None:
    assert compared(Figures(1, None, 40, "higher"), Figures(1, None, 100, "higher"))[1] == [
        "web: value 40, was 100"
    ]
    assert compared(Figures(1, None, 40, "lower"), Figures(1, None, 100, "lower"))[1] == []
    assert compared(Figures(1, None, 40, None), Figures(1, None, 100, None)) == (
        ["web pass rate"],
        [],
    )


def test_a_record_is_read_back_and_a_damaged_one_is_none(tmp_path: Path) -> None:
    path = tmp_path / "monitor" / "dev-metrics.json"
    assert read_baseline(path) is None
    figures = {"web": Figures(1.0, 0.01, None, None)}
    record_baseline(path, figures)
    assert read_baseline(path) == figures
    path.write_text('{"checks": {"web": {"pass')
    assert read_baseline(path) is None
