"""The manual page says what the verbs say, and `man` can read it."""

import runpy
import shutil
import subprocess
from typing import cast

from docs.documents import ROOT

PAGE = ROOT / "docs" / "man" / "orchestrate.1"


def test_the_manual_page_is_what_the_verbs_say() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "manual.py"))
    assert PAGE.read_text("utf-8") == cast(str, script["page"]()), (
        "bring it up to date: make manual"
    )


def test_the_manual_page_is_plain_roff() -> None:
    text = PAGE.read_text("utf-8")
    assert text.isascii()
    lines = text.splitlines()
    assert {line.split()[0] for line in lines if line.startswith(".")} <= {
        ".TH", ".SH", ".SS", ".TP", ".PP", ".B", ".br", '.\\"',
    }  # fmt: skip
    assert not [line for line in lines if line.startswith("'")]
    if groff := shutil.which("groff"):
        done = subprocess.run(
            [groff, "-man", "-Tutf8", "-ww", str(PAGE)], capture_output=True, text=True, check=True
        )
        assert done.stderr == ""
        assert "orchestrate run" in done.stdout.replace("\x1b[1m", "").replace("\x1b[0m", "")
