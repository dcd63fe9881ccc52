"""Builds the console into a wheel, if there is Node; a wheel without it says how to get it."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ConsoleBuildHook(BuildHookInterface[Any]):
    """Runs `scripts/console.sh build` before files are collected."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build the console. An editable installation is left alone: `make` builds there."""
        root = Path(self.root)
        static = root / "src/orchestrate/web/static"
        if version == "editable":
            return
        # A source distribution has what was built, and may lack the sources.
        if (root / "web-ui/package.json").exists() and shutil.which("sh"):
            subprocess.run(["sh", str(root / "scripts/console.sh"), "build"], check=False)
        if not (static / "index.html").exists():
            self.app.display_warning(
                "the console is left out: it takes Node 20.19 or later with npm to build it. "
                "Everything else works; install again once Node is there to get the console."
            )
