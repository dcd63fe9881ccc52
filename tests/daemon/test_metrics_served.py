"""`/metrics` of a real daemon, read by the official parser."""

import http.client
from collections.abc import Mapping

import pytest
from daemon.conftest import Site
from polling import eventually
from prometheus_client import parser

from orchestrate.daemon.scraping import may_scrape

DAY = 86_400.0
TICK = "steps:\n  - {type: deployment, shell: echo tick >> effects}\n"
CRON = ("--cron", "0 2 * * *", "--time-zone", "UTC", "--enabled")


def listening(site: Site, *words: str, **more: str) -> str:
    daemon = site.serve("--listen", "127.0.0.1:0", *words, **more)
    return eventually(lambda: site.said(daemon, "listening"), "a daemon")[0]["address"]


def ask(address: str, path: str = "/metrics", **headers: str) -> tuple[int, Mapping, str]:
    connection = http.client.HTTPConnection(address, timeout=120)
    connection.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})
    answer = connection.getresponse()
    found = answer.status, dict(answer.getheaders()), answer.read().decode()
    connection.close()
    return found


def samples(text: str) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in parser.text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_what_a_daemon_started_is_told(site: Site) -> None:
    site.playbook("tick", TICK)
    site.ok("schedule", "--playbook", "tick", *CRON)
    address = listening(site)
    site.advance(DAY)
    finished = ("orchestrate_workflows_finished_total", "tick", "succeeded")
    eventually(lambda: samples(ask(address)[2]).get(finished) == 1)
    status, headers, text = ask(address)
    found = samples(text)
    assert status == 200
    assert headers["content-type"].startswith("text/plain; version=0.0.4")
    assert found["orchestrate_daemon_up",] == 1
    assert found["orchestrate_schedules", "true"] == 1
    assert found["orchestrate_schedule_slots_total", "started", "tick"] == 1
    assert found["orchestrate_schedule_lateness_seconds_count",] == 1
    assert found["orchestrate_step_duration_seconds_count", "tick", "deployment"] == 1
    assert found["orchestrate_store_writable",] == 1
    status, headers, text = ask(address, Accept="application/openmetrics-text;version=1.0.0")
    assert headers["content-type"].startswith("application/openmetrics-text")
    assert text.endswith("# EOF\n")


def test_counters_go_on_in_the_next_daemon(site: Site) -> None:
    site.playbook("tick", TICK)
    site.ok("run", "--playbook", "tick")
    address = listening(site)
    first = samples(ask(address)[2])
    site.daemons[0].terminate()
    assert site.daemons[0].wait(120) == 0
    site.ok("run", "--playbook", "tick")
    site.ok("prune", "--older-than", "0", "--yes")
    found = samples(ask(listening(site))[2])
    name = ("orchestrate_workflows_finished_total", "succeeded", "tick")
    key = next(key for key in found if sorted(key) == sorted(name))
    assert (first[key], found[key]) == (1, 2)


def test_with_a_token_whoever_has_it_may_read(site: Site) -> None:
    address = listening(site, ORCHESTRATE_METRICS_TOKEN="sesame-open")
    assert ask(address)[0] == 401
    assert ask(address, Authorization="Bearer sesame-closed")[0] == 401
    status, headers, _ = ask(address, Authorization="Bearer sesame-open", Host="ops.example.com")
    assert status == 200
    assert headers["content-type"].startswith("text/plain")


def test_without_a_token_others_are_refused_and_the_log_says_why(site: Site) -> None:
    address = listening(site)
    assert ask(address)[0] == 200
    assert ask(address, X_Forwarded_For="203.0.113.7")[0] == 401
    assert ask(address, Host="attacker.example")[0] == 401
    (refused,) = site.said(site.daemons[0], "metrics refused")
    assert "[metrics] token" in refused["reason"]


def test_the_textfile_follows_what_the_daemon_runs(site: Site) -> None:
    site.playbook("tick", TICK)
    (site.root / "orchestrate.toml").write_text('[metrics]\ntextfile = "out.prom"\n')
    site.ok("schedule", "--playbook", "tick", *CRON)
    daemon = site.ready()
    file = site.root / "out.prom"
    site.advance(DAY)
    line = 'orchestrate_workflows_finished_total{playbook="tick",state="succeeded"} 1.0'
    eventually(lambda: file.exists() and line in file.read_text())
    daemon.terminate()
    assert daemon.wait(120) == 0
    assert "orchestrate_daemon_up 1.0" in file.read_text()


@pytest.mark.parametrize(
    ("client", "headers", "may"),
    [
        ("127.0.0.1", {"host": "127.0.0.1:8765"}, True),
        ("127.0.0.1", {"host": "localhost"}, True),
        ("::1", {"host": "[::1]:8765"}, True),
        ("127.0.0.1", {"host": "metrics.example.com"}, False),
        ("127.0.0.1", {}, False),
        ("192.0.2.1", {"host": "127.0.0.1"}, False),
        ("", {"host": "127.0.0.1"}, False),
        ("127.0.0.1", {"host": "localhost", "forwarded": "for=192.0.2.1"}, False),
        ("127.0.0.1", {"host": "localhost", "via": "1.1 proxy"}, False),
    ],
)
def test_who_is_local(client: str, headers: Mapping[str, str], may: bool) -> None:
    assert may_scrape(client, headers, None) is may
    assert may_scrape(client, headers, b"t") is False
    assert may_scrape(client, {**headers, "authorization": "Bearer t"}, b"t") is True
