"""Mixed load on a real project, with kills: `python -m soak.campaign --minutes 60 --seed 1`.

A daemon with schedules, webhooks, the API and open consoles; workflows started in every way, fifty
at once; `kill -9` of engines, supervisors, slots and the daemon at moments that the seed decides.
Ends with 0 if nothing was lost, doubled, stuck or left, and nothing grew.
"""

import argparse
import json
import random
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from crash.harness import kill, processes_of
from soak import verdict
from soak.load import Console, People, Starting, Tokens
from soak.picture import draw
from soak.samples import Watcher
from soak.site import Client, Ledger, Site
from soak.strikes import Strikes, planned

from orchestrate.processes import records

CONSOLES = 3
STARTERS = 3
"""Who start workflows: on a busy machine one alone would keep up with few."""


class Wish(NamedTuple):
    """What is asked for."""

    seconds: float
    seed: int
    at_once: int = 50
    pace: float = 20.0
    """Seconds: of the longest steps and waits, on average."""
    patience: float = 900.0
    """Seconds for what was begun to come to its end."""
    output: Path | None = None
    """Where samples and the picture go."""


class Found(NamedTuple):
    """What came of it."""

    faults: list[str]
    growing: list[str]
    lines: list[str]

    @property
    def good(self) -> bool:
        """Whether it is as it must be."""
        return not self.faults and not self.growing


class Soak:
    """One soak, in a folder of its own."""

    def __init__(self, wish: Wish, folder: Path) -> None:
        self._wish = wish
        self._ledger = Ledger()
        short = wish.seconds < 120
        self._site = Site(
            folder / "project", self._ledger, keep=max(300.0, wish.seconds / 12),
            minute_in=wish.seconds / 3 if short else None,
        )  # fmt: skip
        self._every = min(5.0, max(0.5, wish.seconds / 200))
        self._output = wish.output or folder
        self._over, self._gone = threading.Event(), threading.Event()
        self._clients: list[Client] = []
        self._starters: list[threading.Thread] = []

    def run(self) -> Found:
        """From the first daemon to the last process."""
        site, seed = self._site, self._wish.seed
        tokens = Tokens(
            site.token("program", "run"), site.token("person", "run", "approve"),
            site.token("console", "admin"),
        )  # fmt: skip
        site.start()
        self._output.mkdir(parents=True, exist_ok=True)
        file = self._output / "samples.jsonl"
        file.unlink(missing_ok=True)
        watcher = Watcher(site, file, time.monotonic())
        plan = planned(self._wish.seconds, f"{seed}/plan")
        strikes = Strikes(site, plan, f"{seed}/strikes", watcher.now, self._over)
        threads = [self._thread("strikes", strikes.go), *self._crowd(tokens, seed)]
        self._watch(watcher)
        self._over.set()
        site.disable_schedules()
        for starter in self._starters:
            starter.join(300)  # what it has begun to start is waited for, too
        verdict.await_the_end(site, watcher, self._wish.patience)
        verdict.check_slots(site, watcher, self._wish.seconds)
        self._gone.set()
        site.stop()
        for thread in threads:
            thread.join(300)
            if thread.is_alive():
                self._ledger.fault(f"of the soak itself: {thread.name} does not end")
        for client in self._clients:
            client.close()
        verdict.check_what_is_left(site, watcher)
        return self._told(watcher, strikes)

    def _crowd(self, tokens: Tokens, seed: int) -> list[threading.Thread]:
        wish, site = self._wish, self._site
        people = People(site, self._client(tokens.person, self._gone), f"{seed}/people", self._gone)
        threads = [self._thread("people", people.go)]
        for number in range(STARTERS):
            starting = Starting(
                site, self._client(tokens.program, self._over), wish.at_once, wish.pace,
                f"{seed}/load/{number}", self._over,
            )  # fmt: skip
            self._starters.append(self._thread(f"starting {number}", starting.go))
        for number in range(CONSOLES):
            client = self._client(tokens.console, self._gone)
            console = Console(site, client, tokens.console, f"{seed}/console/{number}", self._gone)
            threads.append(self._thread(f"console {number}", console.go))
        threads.append(self._thread("list", lambda: console.listen("/stream", threading.Event())))
        return [*threads, *self._starters]

    def _client(self, token: str, over: threading.Event) -> Client:
        self._clients.append(Client(self._site, token, over))
        return self._clients[-1]

    def _thread(self, name: str, go: Callable[[], None]) -> threading.Thread:
        def guarded() -> None:
            try:
                go()
            except Exception as error:
                self._ledger.fault(f"of the soak itself: {name}: {error!r}")
                raise

        thread = threading.Thread(target=guarded, name=name, daemon=True)
        thread.start()
        return thread

    def _watch(self, watcher: Watcher) -> None:
        while (now := watcher.now()) < self._wish.seconds:
            watcher.judge()
            sample = watcher.sample()
            if len(watcher.samples) % 12 == 0:
                print(_line(sample), flush=True)
            left = self._every - (watcher.now() - now)
            time.sleep(max(0.0, min(left, self._wish.seconds - watcher.now())))

    def _told(self, watcher: Watcher, strikes: Strikes) -> Found:
        seconds = self._wish.seconds
        title = (
            f"{seconds / 60:.0f} minutes, {self._wish.at_once} workflows at once, "
            f"{len(strikes.done)} strikes, seed {self._wish.seed}"
        )
        picture = draw(watcher.samples, strikes.done, seconds, title)
        (self._output / "soak.svg").write_text(picture + "\n")
        samples = watcher.samples
        late = sorted(value for sample in samples for value in sample["late"])
        lines = [
            *(f"{n:9}  {what}" for what, n in sorted(self._ledger.counts.items())),
            f"{len(watcher.judged):9}  workflows, each as its playbook says, or named below",
            f"{1000 * verdict.middle(samples, 'api_median'):9.0f}  ms: median answer of the API",
            f"{1000 * verdict.middle(samples, 'api_p99'):9.0f}  ms: its p99, median of all samples",
        ]
        if late:
            middle, most = late[len(late) // 2], late[int((len(late) - 1) * 0.99)]
            lines.append(
                f"{1000 * middle:9.0f}  ms: median lateness of schedules (p99 {1000 * most:.0f})"
            )
        lines += verdict.told(samples, seconds)
        growing = [s.name for s, _, flat in verdict.growths(samples, seconds) if not flat]
        return Found(list(self._ledger.faults), growing, lines)

    def close(self) -> None:
        """Leave nothing, whatever happened."""
        self._over.set()
        self._gone.set()
        if self._site.daemon is not None:
            self._site.stop()
        for _ in range(100):
            left = processes_of(self._site.root)
            if not left:
                break
            for seen in left:
                kill(seen.pid)
            time.sleep(0.05)
        for directory in (self._site.state / "supervisors").glob("*"):
            records.discard(directory)


def soak(wish: Wish, *, keep: bool = False) -> Found:
    """Do it, in a folder of its own that is removed unless something is wrong and `keep`."""
    folder = Path(tempfile.mkdtemp(prefix="orchestrate-soak-"))
    made = Soak(wish, folder)
    good = False
    try:
        found = made.run()
        good = found.good
        return found
    finally:
        made.close()
        if good or not keep:
            shutil.rmtree(folder)
        else:
            print(f"kept: {folder}")


def _line(sample: dict[str, Any]) -> str:
    """A sample for whoever looks on."""
    states = json.dumps(sample["workflows"])
    return (
        f"{sample['at'] / 60:5.1f} min  daemon {sample.get('daemon_rss', 0) / (1 << 20):.0f} MiB, "
        f"{sample.get('daemon_fds', 0)} files; store {sample['database'] / (1 << 20):.1f} MiB; "
        f"{sample['processes']} processes; {sample['judged']} over; {states}; "
        f"{sample['faults']} faults"
    )


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--at-once", type=int, default=50, help="workflows")
    parser.add_argument("--pace", type=float, default=20.0, help="seconds of the longest steps")
    parser.add_argument("--output", type=Path, default=Path("build/soak"))
    parser.add_argument("--keep", action="store_true", help="keep the folder if something is wrong")
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    found = soak(
        Wish(60.0 * given.minutes, given.seed, given.at_once, given.pace, output=given.output),
        keep=given.keep,
    )
    print("\n".join(found.lines))
    print(f"samples and picture: {given.output}")
    print(
        "good" if found.good else f"NOT GOOD: {len(found.faults)} faults, growing: {found.growing}"
    )
    return 0 if found.good else 1


if __name__ == "__main__":
    sys.exit(main())
