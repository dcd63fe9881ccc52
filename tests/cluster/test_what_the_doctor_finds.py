"""`doctor` and `capacity` on a cluster whose parts do not fit together."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster.conftest import Server
from cluster.preloaded import Started, orchestrate, started
from polling import eventually

from orchestrate.cluster.connection import Address

PLAYBOOKS = {
    "deploy": "name: deploy\nsteps: [{name: ship, pool: linux, command: echo shipping}]\n",
    "nightly": (
        "name: nightly\ntriggers: [{type: schedule, cron: '0 3 * * *'}]\n"
        "steps: [{command: echo hi, resources: {cpu: 1}}]\n"
    ),
}
KEYS = "KEYS"


class Site:
    """Folders with settings of their own on one namespace."""

    def __init__(self, address: Address, root: Path) -> None:
        self._address = address
        self._root = root
        self._workers: list[Started] = []

    def folder(self, name: str, more: str = "", *, playbooks: bool = False) -> Path:
        made = self._root / name
        made.mkdir(exist_ok=True)
        (made / "orchestrate.toml").write_text(
            f'[engine]\nkind = "cluster"\naddress = "{self._address.target}"\n'
            f'namespace = "{self._address.namespace}"\n{more}'
        )
        if playbooks:
            (made / "playbooks").mkdir(exist_ok=True)
            for playbook, text in PLAYBOOKS.items():
                (made / "playbooks" / f"{playbook}.yaml").write_text(text)
        return made

    def worker(self, folder: Path, name: str, **env: str) -> Started:
        made = started(["orchestrate", "worker", "--name", name], folder, {**os.environ, **env})
        self._workers.append(made)
        assert made.stderr is not None
        assert "takes steps of" in made.stderr.readline()
        return made

    def ask(self, folder: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        done = orchestrate(words, folder, {**os.environ, **env})
        assert done.returncode == 0, done.stderr
        return done

    def found(self, folder: Path, *subjects: str, **env: str) -> list[str]:
        """Messages of the doctor."""
        told = json.loads(self.ask(folder, "doctor", "--json", **env).stdout)
        assert all(one["hint"] for one in told if one["level"] == "warn")
        return [one["message"] for one in told if one["subject"] in subjects]

    def close(self) -> None:
        for worker in self._workers:
            worker.kill()
            worker.communicate()


@pytest.fixture
def site(server: Server, tmp_path: Path) -> Iterator[Site]:
    made = Site(server.address(), tmp_path)
    yield made
    made.close()


def test_what_does_not_fit_is_said_with_what_to_do(site: Site):
    project = site.folder("project", "[capacity]\ncpu = 8\n", playbooks=True)
    site.worker(site.folder("bare"), "bare")
    unserved = "no worker serves the pool linux, which deploy names: its steps wait"
    alone = "no worker has a folder `playbooks`: nobody sees to triggers of nightly"
    eventually(lambda: site.found(project, "fitness") == [unserved, alone], "what is missing")
    attributes, retention = sorted(site.found(project, "server"), reverse=True)
    assert attributes.startswith("the namespace has no search attributes")
    assert retention.startswith("the namespace forgets workflows ")
    other = site.folder("other", "kill_grace = 60\n[capacity]\ncpu = 4\n", playbooks=True)
    site.worker(other, "other")
    differs = "other was started with another orchestrate.toml: [capacity], [engine] kill_grace"
    eventually(lambda: site.found(project, "fitness") == [unserved, differs])
    warned = eventually(lambda: site.ask(project, "capacity").stderr)
    assert warned.startswith(
        "warning: [capacity] of orchestrate.toml is not what is in force, as other said "
    )
    (told,) = json.loads(site.ask(project, "capacity", "--json").stdout)["warnings"]
    assert warned == f"warning: {told}\n"
    assert site.ask(other, "capacity").stderr == ""
    site.ask(project, "doctor", "--register-search-attributes")
    eventually(lambda: site.found(project, "server") == [retention])


def test_other_keys_are_found(site: Site):
    keys = '[engine.encryption]\nkey_variable = "KEYS"\n'
    one, two = (
        "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=",
        "MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE=",
    )
    locked = site.folder("locked", keys)
    site.worker(site.folder("open"), "open")
    site.worker(locked, "strange", KEYS=two)
    site.worker(locked, "known", KEYS=f"{one},{two}")
    wanted = [
        "strange writes under a key that is not known here",
        "open has no keys: it cannot read what is written here",
    ]
    eventually(lambda: site.found(locked, "fitness", KEYS=one) == wanted, "the other keys")
    listed = json.loads(site.ask(locked, "workers", "--json", KEYS=one).stdout)
    assert [w["name"] for w in listed if w["state"] == "unreadable"] == ["strange"]
