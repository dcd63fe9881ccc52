"""A look at a site every few seconds, written as a line of JSON each."""

import json
import os
import time
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from crash.harness import processes_of
from soak.judging import Noted, faults_of
from soak.playbooks import EXPECTED
from soak.site import Site

_PAGE = os.sysconf("SC_PAGE_SIZE")


class Process(NamedTuple):
    """What a process has."""

    rss: int
    """Bytes."""
    fds: int
    threads: int


def look_at(pid: int) -> Process | None:
    """None if it is gone."""
    root = Path(f"/proc/{pid}")
    try:
        rss = int((root / "statm").read_text().split()[1]) * _PAGE
        threads = sum(1 for _ in (root / "task").iterdir())
        return Process(rss, sum(1 for _ in (root / "fd").iterdir()), threads)
    except OSError:
        return None


class Watcher:
    """Takes samples, and judges every workflow that has ended since the last."""

    def __init__(self, site: Site, file: Path, begun: float) -> None:
        self._site = site
        self._file = file
        self._begun = begun
        self.samples: list[dict[str, Any]] = []
        self.judged: dict[str, str] = {}
        """Workflows that are over, and how they ended."""
        self.supervisors: set[str] = set()
        """All that there ever were, as far as they were seen."""

    def now(self) -> float:
        """Seconds since the soak began."""
        return time.monotonic() - self._begun

    def sample(self) -> dict[str, Any]:
        """Look once."""
        site = self._site
        answers, late = site.ledger.taken()
        found: dict[str, Any] = {
            "at": round(self.now(), 1),
            "life": site.life,
            "age": round(time.monotonic() - site.up_since, 1) if site.address else 0.0,
            **self._processes(),
            **self._sizes(),
            "workflows": dict(site.query("SELECT state, count(*) FROM workflows GROUP BY state")),
            "judged": len(self.judged),
            "requests": len(answers),
            "api_median": _rounded(median(answers)) if answers else None,
            "api_p99": _share(answers, 0.99),
            "late_max": _rounded(max(late)) if late else None,
            "late": [_rounded(value) for value in late],
            "faults": site.ledger.counts["faults"],
        }
        self.samples.append(found)
        with self._file.open("a") as lines:
            lines.write(json.dumps(found) + "\n")
        return found

    def _processes(self) -> dict[str, Any]:
        daemon = self._site.daemon
        seen: dict[str, list[Process]] = {}
        own: Process | None = None
        for process in processes_of(self._site.root):
            told = look_at(process.pid)
            if told is None:
                continue
            if daemon is not None and process.pid == daemon.pid:
                own = told
            else:
                seen.setdefault(process.kind, []).append(told)
        found: dict[str, Any] = {"processes": sum(map(len, seen.values())) + (own is not None)}
        if own is not None:
            found |= {f"daemon_{key}": value for key, value in own._asdict().items()}
        for kind in ("engine", "supervisor", "slot"):
            group = seen.get(kind, [])
            found[f"{kind}s"] = len(group)
            found[f"{kind}s_rss"] = sum(process.rss for process in group)
            found[f"{kind}s_rss_max"] = max((process.rss for process in group), default=0)
            found[f"{kind}s_fds_max"] = max((process.fds for process in group), default=0)
        return found

    def _sizes(self) -> dict[str, int]:
        """Bytes on the disk, and files. What vanishes meanwhile counts as nothing."""
        sizes = {"database": 0, "wal": 0, "state": 0, "files": 0}
        names = {"orchestrate.db": "database", "orchestrate.db-wal": "wal"}
        for folder, _, files in os.walk(self._site.state):
            if Path(folder).parent.name == "supervisors":
                self.supervisors.add(Path(folder).name)
            for name in files:
                sizes["files"] += 1
                try:
                    size = os.lstat(f"{folder}/{name}").st_blocks * 512
                except OSError:
                    continue
                sizes[names.get(name, "state")] += size
        return sizes

    # --- what has ended

    def judge(self) -> None:
        """Compare every workflow that has ended with what its playbook says."""
        rows = self._site.query(
            "SELECT number, id, playbook, state FROM workflows WHERE finished_at IS NOT NULL "
            "AND state <> 'needs_attention' AND owner_pid IS NULL ORDER BY number"
        )
        for number, workflow, playbook, state in rows:
            if workflow in self.judged:
                continue
            events = self._site.query(
                "SELECT seq, type, path, data FROM events WHERE workflow = ? ORDER BY seq", number
            )
            journal = [Noted(seq, kind, path, json.loads(data)) for seq, kind, path, data in events]
            effects = self._site.effects / workflow
            lines = effects.read_text().splitlines() if effects.exists() else []
            for fault in faults_of(EXPECTED[playbook], state, journal, lines):
                self._site.ledger.fault(f"{workflow} ({playbook}): {fault}")
            self._site.ledger.count("steps", sum(e.type == "attempt_started" for e in journal))
            self._site.ledger.count(
                "unknown outcomes", sum(e.data.get("status") == "unknown" for e in journal
                                        if e.type == "attempt_finished")
            )  # fmt: skip
            self.judged[workflow] = state
            effects.unlink(missing_ok=True)


def _share(values: list[float], share: float) -> float | None:
    return _rounded(sorted(values)[int((len(values) - 1) * share)]) if values else None


def _rounded(seconds: float) -> float:
    return round(seconds, 4)
