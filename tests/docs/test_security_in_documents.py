"""Each row of the threat model has a test that exists."""

import ast
import re

from docs.documents import ROOT

_ROW = re.compile(r"^\| (?!threat|---)(.+?) \| (.+?) \| (.+) \|$", re.MULTILINE)


def test_every_threat_is_shown_by_a_test_that_there_is() -> None:
    rows = _ROW.findall((ROOT / "docs" / "security.md").read_text("utf-8"))
    assert len(rows) > 20
    for threat, _, shown in rows:
        named = re.findall(r"`([\w/]+\.py)::(\w+)`", shown)
        assert named, threat
        for file, test in named:
            tree = ast.parse((ROOT / "tests" / file).read_text("utf-8"))
            assert test in {one.name for one in tree.body if isinstance(one, ast.FunctionDef)}, test
