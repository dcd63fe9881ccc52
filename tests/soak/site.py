"""The project of a soak, served by a daemon that is started anew whenever it ends."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
from polling import eventually
from soak.playbooks import EFFECT, TEXTS

SECRET = "what the webhook is signed with"
_AGAIN = 0.1
"""Seconds after which a daemon that ended is started anew: systemd's own default."""
_ANSWER = 120.0
"""Seconds in which the API has to answer."""
_MOST_FAULTS = 50


class Ledger:
    """What was begun, what was found wrong, and what was counted. Any thread may write."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.begun: dict[str, str] = {}
        """Workflows that somebody was told of, and how they were started."""
        self.faults: list[str] = []
        self.counts: Counter[str] = Counter()
        self._seconds: list[float] = []
        self._late: list[float] = []

    def fault(self, text: str) -> None:
        """Something is wrong."""
        with self._lock:
            self.counts["faults"] += 1
            if len(self.faults) < _MOST_FAULTS:
                self.faults.append(text)
                print(f"FAULT {text}", flush=True)

    def count(self, what: str, n: int = 1) -> None:
        """It happened."""
        with self._lock:
            self.counts[what] += n

    def begin(self, workflow: str, how: str) -> None:
        """A workflow was accepted."""
        with self._lock:
            self.begun.setdefault(workflow, how)

    def took(self, seconds: float) -> None:
        """The API has answered."""
        with self._lock:
            self._seconds.append(seconds)

    def late(self, seconds: float) -> None:
        """A slot was started, so many seconds after it was due."""
        with self._lock:
            self._late.append(seconds)

    def taken(self) -> tuple[list[float], list[float]]:
        """Answers and delays since the last call."""
        with self._lock:
            found = self._seconds, self._late
            self._seconds, self._late = [], []
            return found


class Site:
    """A project in a folder of its own."""

    def __init__(self, root: Path, ledger: Ledger, keep: float, minute_in: float | None) -> None:
        """`keep`: seconds for which workflows that ended are kept. `minute_in`: seconds after which
        the clock of schedules reaches a full minute, None leaves it alone.
        """
        self.root = root
        self.state = root / ".orchestrate"
        self.effects = root / "effects"
        self.ledger = ledger
        self.address = ""
        self.daemon: subprocess.Popen[bytes] | None = None
        self.life = 0
        """How many daemons there were."""
        self.up_since = 0.0
        self._ending = threading.Event()
        self._killed = False
        self._keeper = threading.Thread(target=self._keep_up, name="systemd")
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("ORCHESTRATE_")}
        self.env |= {
            "TZ": "UTC", "EFFECTS": str(self.effects), "ORCHESTRATE_WEBHOOK_SECRET": SECRET,
        }  # fmt: skip
        self._write(keep)
        if minute_in is not None:
            clock = root / "clock"
            clock.write_text(str(60.0 - time.time() % 60.0 - minute_in))
            self.env["ORCHESTRATE_TEST_CLOCK"] = str(clock)

    def _write(self, keep: float) -> None:
        (self.root / "playbooks").mkdir(parents=True)
        self.effects.mkdir()
        for name, text in TEXTS.items():
            (self.root / "playbooks" / f"{name}.yaml").write_text(text)
        effect = self.root / "effect"
        effect.write_text(EFFECT)
        effect.chmod(0o755)
        days = keep / 86400.0
        (self.root / "orchestrate.toml").write_text(
            f"[state]\nretention_days = {days:.6f}\n[audit]\nretention_days = {days:.6f}\n"
            "[serve]\nrequests_per_minute = 6000\n[engine]\nkill_grace = 1\n"
        )

    # --- the command

    def call(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`orchestrate …` here."""
        return subprocess.run(
            [sys.executable, "-m", "orchestrate", *words], cwd=self.root, env=self.env,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=600,
        )  # fmt: skip

    def disable_schedules(self) -> None:
        """What they would start now nobody would wait for."""
        listed = self.call("schedule", "--list", "--json")
        for one in json.loads(listed.stdout):
            done = self.call("schedule", one["name"], "--disable")
            if done.returncode:
                self.ledger.fault(f"{one['name']} cannot be disabled: {done.stderr}")

    def token(self, name: str, *scopes: str) -> str:
        """A token for the API."""
        options = [word for scope in scopes for word in ("--scope", scope)]
        done = self.call("token", "create", "--name", name, *options, "--json")
        assert done.returncode == 0, done.stderr
        return str(json.loads(done.stdout)["token"])

    def query(self, text: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the store, read without any code of ours."""
        database = f"file:{self.state / 'orchestrate.db'}?mode=ro"
        connection = sqlite3.connect(database, uri=True, timeout=120)
        try:
            return connection.execute(text, values).fetchall()
        finally:
            connection.close()

    # --- the daemon

    def start(self) -> None:
        """Serve, and go on serving whatever happens to the daemon."""
        self._keeper.start()
        eventually(lambda: self.address, "the daemon serves")

    def stop(self) -> None:
        """End the daemon for good."""
        self._ending.set()
        self.signal(signal.SIGTERM)
        self._keeper.join(180)
        if self._keeper.is_alive():
            self.ledger.fault("the daemon does not end on SIGTERM")
            self.signal(signal.SIGKILL)

    def signal(self, number: int) -> None:
        """Send the daemon a signal. It may have ended."""
        self._killed = self._killed or number != signal.SIGHUP
        daemon = self.daemon
        if daemon is not None and daemon.poll() is None:
            daemon.send_signal(number)

    def _keep_up(self) -> None:
        while not self._ending.is_set():
            log = self.root / f"log-{self.life}"
            with log.open("wb") as file:
                self.daemon = subprocess.Popen(
                    [sys.executable, "-m", "orchestrate", "serve", "--log-format", "json",
                     "--listen", "127.0.0.1:0"],
                    cwd=self.root, env=self.env, stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL, stderr=file,
                )  # fmt: skip
            self._follow(log, self.daemon)
            code = self.daemon.wait()
            if not self._killed and not self._ending.is_set():
                self.ledger.fault(f"the daemon ended by itself with {code}; {_end_of(log)}")
            elif code not in (0, -signal.SIGKILL):
                self.ledger.fault(f"the daemon ended with {code}; {_end_of(log)}")
            self._killed, self.address = False, ""
            self.life += 1
            time.sleep(_AGAIN)

    def _follow(self, log: Path, daemon: "subprocess.Popen[bytes]") -> None:
        """Read what the daemon says until it has ended."""
        with log.open() as lines:
            rest = ""
            while True:
                ended = daemon.poll() is not None
                read = lines.read()
                *whole, rest = (rest + read).split("\n")
                for line in whole:
                    self._heard(line)
                if ended and not read:
                    return
                if not read:
                    time.sleep(0.1)

    def _heard(self, line: str) -> None:
        if line.startswith("waiting: "):  # told in words, for people: a busy machine
            self.ledger.count("told what was waited for")
            return
        if not line.startswith("{"):
            self.ledger.fault(f"the daemon says: {line}")
            return
        told = json.loads(line)
        match told["what"]:
            case "listening":
                self.address, self.up_since = told["address"], time.monotonic()
            case "slot started":
                self.ledger.begin(told["workflow"], "schedule")
                late = float(told["late"].rstrip("s"))
                if late < time.monotonic() - self.up_since:  # it was there when it was due
                    self.ledger.late(late)
            case "cannot go on" | "trouble" | "not reloaded" | "triggers not read":
                self.ledger.fault(f"the daemon says: {line}")
            case other if "refused" in other or "missed" in other:
                self.ledger.fault(f"the daemon says: {line}")
            case _:
                pass


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]


class Client:
    """The API for one person or program. What it asks while no daemon is there, it asks again."""

    def __init__(self, site: Site, token: str, gone: threading.Event) -> None:
        self._site = site
        self._gone = gone
        self._http = httpx.Client(
            headers={"Authorization": f"Bearer {token}"}, timeout=_ANSWER, trust_env=False
        )

    def close(self) -> None:
        """Let go of its connections."""
        self._http.close()

    def url(self, path: str) -> str:
        """Where a path of the API is now."""
        return f"http://{self._site.address}/api/v1{path}"

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response | None:
        """The answer; None if everything is over before there is one."""
        return self.send(method, lambda: self.url(path), **more)

    def send(self, method: str, url: Any, **more: Any) -> httpx.Response | None:
        """The same for an address that may change."""
        while not self._gone.is_set():
            if not self._site.address:
                self._gone.wait(0.1)
                continue
            begun = time.monotonic()
            try:
                answer = self._http.request(method, url(), **more)
            except httpx.TimeoutException:
                self._site.ledger.fault(f"no answer in {_ANSWER:g} s to {method} {url()}")
            except (httpx.TransportError, httpx.InvalidURL):
                self._site.ledger.count("requests cut off")
                self._gone.wait(0.1)
            else:
                if answer.status_code in (429, 503):
                    self._site.ledger.count(f"answers {answer.status_code}")
                    self._gone.wait(0.3)
                    continue
                self._site.ledger.took(time.monotonic() - begun)
                self._site.ledger.count("requests")
                if answer.status_code >= 500:
                    self._site.ledger.fault(
                        f"{answer.status_code} to {method} {url()}: {answer.text}"
                    )
                return answer
        return None
