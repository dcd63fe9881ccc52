from orchestrate.web.throttle import Throttle


def test_a_bucket_empties_and_fills_steadily() -> None:
    now = [100.0]
    throttle = Throttle(60, 3, lambda: now[0])
    assert [throttle.take("a") for _ in range(3)] == [0.0, 0.0, 0.0]
    assert throttle.take("a") == 1.0
    assert throttle.take("b") == 0.0
    now[0] += 1.0
    assert throttle.wait("a") == 0.0
    assert throttle.take("a") == 0.0
    assert throttle.take("a") == 1.0
    now[0] += 3600.0
    assert [throttle.take("a") for _ in range(4)] == [0.0, 0.0, 0.0, 1.0]
