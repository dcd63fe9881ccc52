"""`orchestrate metrics` and the textfile of a machine without a daemon."""

import signal
import sqlite3

from prometheus_client import parser

SAYS = "name: says\nsteps:\n  - {name: hello, type: test, shell: echo hello}\n"


def value(text: str, name: str, **labels: str) -> float | None:
    for family in parser.text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return sample.value
    return None


def test_the_verb_prints_what_happened_and_how_things_stand(project) -> None:
    project.playbook("says", SAYS)
    project.playbook("fails", "name: fails\nsteps:\n  - shell: exit 3\n")
    project.ok("run", "--playbook", "says")
    assert project("run", "--playbook", "fails").code == 1
    text = project.ok("metrics").out
    finished = "orchestrate_workflows_finished_total"
    assert value(text, finished, playbook="says", state="succeeded") == 1
    assert value(text, finished, playbook="fails", state="failed") == 1
    assert value(text, "orchestrate_daemon_up") == 0
    assert project.ok("metrics", "--format", "openmetrics").out.endswith("# EOF\n")
    told = {entry["metric"]: entry for entry in project.ok("metrics", "--json").json}
    assert told["orchestrate_events_total"]["value"] > 8
    assert told["orchestrate_step_duration_seconds"]["buckets"]["+Inf"] == 1


def test_a_file_and_wrong_words(project) -> None:
    done = project.ok("metrics", "--output", "out.prom")
    assert done.out == ""
    assert "orchestrate_build_info" in (project.root / "out.prom").read_text()
    done = project("metrics", "--output", "no/where/out.prom")
    assert (done.code, "cannot be written" in done.err) == (2, True)
    done = project("metrics", "--json", "--format", "prometheus")
    assert (done.code, "form of its own" in done.err) == (2, True)


def test_each_run_writes_the_textfile(project) -> None:
    project.playbook("says", SAYS)
    project.write(
        "orchestrate.toml",
        '[metrics]\ntextfile = "metrics/orchestrate.prom"\nlabels = {project = "shop"}\n',
    )
    (project.root / "metrics").mkdir()
    finished = "orchestrate_workflows_finished_total"
    for number in (1, 2):
        project.ok("run", "--playbook", "says")
        text = (project.root / "metrics/orchestrate.prom").read_text()
        assert value(text, finished, playbook="says", state="succeeded", project="shop") == number
    assert value(project.ok("metrics").out, "orchestrate_daemon_up", project="shop") == 0
    told = project.ok("metrics", "--json").json
    assert {entry["labels"]["project"] for entry in told} == {"shop"}
    assert len(list((project.root / "metrics").iterdir())) == 1


def test_a_textfile_that_cannot_be_written_fails_no_workflow(project) -> None:
    project.playbook("says", SAYS)
    project.write("orchestrate.toml", '[metrics]\ntextfile = "no/where.prom"\n')
    done = project.ok("run", "--playbook", "says")
    assert "metrics: " in done.err
    assert "no/where.prom cannot be written: No such file or directory" in done.err
    assert "Traceback" not in done.err


def test_a_crash_while_it_counts_loses_and_doubles_nothing(project) -> None:
    project.playbook("says", SAYS)
    project.ok("metrics")
    for number, point in enumerate(("commit.before", "commit.after"), 1):
        project.ok("run", "--playbook", "says")
        killed = project("metrics", env={"ORCHESTRATE_CRASH_AT": point})
        assert killed.code == -signal.SIGKILL
        text = project.ok("metrics").out
        with sqlite3.connect(project.root / ".orchestrate/orchestrate.db") as store:
            ((events,),) = store.execute("SELECT count(*) FROM events")
        store.close()
        assert value(text, "orchestrate_events_total") == events
        created = "orchestrate_workflows_created_total"
        assert value(text, created, playbook="says") == number


def test_doctor_looks_at_the_textfile(project) -> None:
    project.write("orchestrate.toml", '[metrics]\ntextfile = "no/where.prom"\n')
    said = project.ok("doctor", "--json").json
    (finding,) = [one for one in said if one["subject"] == "metrics"]
    assert (finding["level"], "cannot be written" in finding["message"]) == ("warn", True)
    (project.root / "no").mkdir()
    said = project.ok("doctor", "--json").json
    assert [one["level"] for one in said if one["subject"] == "metrics"] == ["good"]


def test_settings_that_make_no_sense_are_refused(project) -> None:
    project.playbook("says", SAYS)
    project.write(
        "orchestrate.toml",
        '[metrics]\ntextfile = "a.txt"\ntoken = "short"\nfile = "x.prom"\n'
        'labels = {a-b = "x", c = 3}\n',
    )
    done = project("run", "--playbook", "says")
    assert done.code == 2
    for words in (
        "does not end with .prom",
        "shorter than 8 characters",
        "metrics.file",
        "labels.a-b",
        "labels.c must be text",
    ):
        assert words in done.err
