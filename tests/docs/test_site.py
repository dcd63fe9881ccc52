"""The documentation is a site: every page can be reached, every link leads somewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

from docs.documents import ROOT


def test_the_site_is_built_without_a_broken_link_and_asks_no_other_host(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--site-dir", str(tmp_path / "site")],
        cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    pages = {page.stem for page in (ROOT / "docs").glob("*.md")} - {"index"}
    front = (tmp_path / "site" / "index.html").read_text("utf-8")
    reached = set(re.findall(r'href="([\w-]+)/" class="md-nav__link', front))
    assert reached == pages
    for page in (tmp_path / "site").rglob("*.html"):
        text = page.read_text("utf-8")
        assert not re.search(r'<(?:script|img|link)[^>]*(?:src|href)="https?://', text), page
