"""A soak in small: everything of it happens, and the verdict is found."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from soak.campaign import Wish, soak
from soak.strikes import planned
from soak.verdict import SERIES


def test_a_short_soak_is_good(tmp_path: Path) -> None:
    for _ in range(3):  # a machine that stands still for seconds has no time for all of it
        found = soak(Wish(12.0, 7, at_once=6, pace=1.0, output=tmp_path))
        assert found.faults == []
        assert found.good
        lines = (tmp_path / "samples.jsonl").read_text().splitlines()
        samples = [json.loads(line) for line in lines]
        if max(sample["life"] for sample in samples) >= 1:
            break
    else:
        pytest.fail("the daemon was never killed")
    assert any(sample.get("daemon_rss", 0) > 0 for sample in samples)
    picture = ET.parse(tmp_path / "soak.svg").getroot()
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    early = [sample for sample in samples if sample["at"] <= 12.0]
    drawn = [one for one in SERIES if any(one.value(sample) is not None for sample in early)]
    assert len(picture.findall("{http://www.w3.org/2000/svg}polyline")) >= len(drawn) >= 3


def test_a_seed_decides_what_is_struck_and_when() -> None:
    hour = planned(3600.0, "7")
    assert hour == planned(3600.0, "7")
    assert hour != planned(3600.0, "8")
    daemons = [strike.at for strike in hour if strike.what.startswith("the daemon")]
    assert len(daemons) == 9
    assert not any(1800 < at < 3240 for at in daemons)
    assert {strike.what for strike in hour} == {
        "an engine", "a supervisor", "a slot", "SIGHUP", "the daemon", "the daemon, by SIGTERM",
    }  # fmt: skip
