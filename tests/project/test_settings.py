from pathlib import Path

import pytest

from orchestrate.project.fields import SettingsError
from orchestrate.project.settings import DEFAULTS, parse_settings, read_settings

WHOLE = """
[engine]
max_workflows = 4
max_parallel = 8
output_limit = 1048576
kill_grace = "2s"

[state]
retention_days = 30
group = "ops"

[commands.infra]
argv = ["./tools/infra", "--quiet"]

[commands.remote]
ssh = "deploy@host:2222"
argv = ["systemctl", "restart", "web"]

[commands.release]
playbook = "release"
arguments = ["action"]

[commands.monitor]
max_duration = "3s"

[checks.web]
type = "http"
url = "http://127.0.0.1:8080/health"
status = [200, 204]
timeout = "2s"

[backup]
directory = "backups"

[backup.sets.data]
paths = ["data"]

[backup.targets.dr-site]
directory = "dr"

[notify.team]
type = "file"
path = "notes.jsonl"

[test.suites.smoke]
base_url = "http://127.0.0.1:8080"
requests = [{ path = "/", status = 200 }]
"""


def messages(text: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        parse_settings("orchestrate.toml", text.encode())
    return [
        f"{problem.place}: {problem.message} {problem.hint}".rstrip()
        for problem in caught.value.problems
    ]


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert read_settings(tmp_path) == DEFAULTS


def test_days_may_be_parts_of_one() -> None:
    text = "[state]\nretention_days = 0.5\n[audit]\nretention_days = 30\n"
    settings = parse_settings("orchestrate.toml", text.encode())
    assert (settings.retention_days, settings.audit.retention_days) == (0.5, 30)


@pytest.mark.parametrize("days", ["0", "-1", "nan"])
def test_days_are_above_zero(days: str) -> None:
    assert messages(f"[state]\nretention_days = {days}") == [
        f"orchestrate.toml:2:1: state.retention_days must be above 0, not {days}"
    ]


def test_everything_is_read_and_typed() -> None:
    settings = parse_settings("orchestrate.toml", WHOLE.encode())
    assert settings.max_workflows == 4
    assert settings.max_parallel == 8
    assert settings.output_limit == 1048576
    assert settings.kill_grace == 2.0
    assert settings.retention_days == 30
    assert settings.state_group == "ops"
    assert settings.commands["infra"].argv == ("./tools/infra", "--quiet")
    assert settings.commands["infra"].origin == "orchestrate.toml:12"
    assert settings.commands["remote"].ssh == "deploy@host:2222"
    assert settings.commands["release"].playbook == "release"
    assert settings.commands["release"].arguments == ("action",)
    assert settings.commands["monitor"].options == {"max_duration": 3.0}
    assert settings.checks["web"]["timeout"] == 2.0
    assert settings.backup_directory == "backups"
    assert settings.backup_sets == {"data": {"paths": ["data"]}}
    assert settings.backup_targets == {"dr-site": {"directory": "dr"}}
    assert settings.notify == {"team": {"type": "file", "path": "notes.jsonl"}}
    assert settings.suites["smoke"]["base_url"] == "http://127.0.0.1:8080"
    assert len(settings.digest) == 64


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "[engine]\nmax_paralel = 3",
            "orchestrate.toml:2:1: unknown key `engine.max_paralel` Did you mean `max_parallel`?",
        ),
        (
            "\n[enginee]\nkill_grace = 3",
            "orchestrate.toml:2:2: unknown key `enginee` Did you mean `engine`?",
        ),
        (
            '[engine]\nmax_parallel = "many"',
            'orchestrate.toml:2:1: engine.max_parallel must be a whole number, not "many"',
        ),
        (
            "[engine]\nmax_parallel = true",
            "orchestrate.toml:2:1: engine.max_parallel must be a whole number, not true",
        ),
        (
            "[engine]\nmax_parallel = 0",
            "orchestrate.toml:2:1: engine.max_parallel must be at least 1, not 0",
        ),
        (
            'engine = "fast"',
            'orchestrate.toml:1:1: engine must be a table, not "fast"',
        ),
        (
            '[engine]\nkill_grace = "soon"',
            (
                "orchestrate.toml:2:1: engine.kill_grace: `soon` is not understood; "
                "units are ms, s, m, h, d"
            ),
        ),
        (
            '[checks.web]\ntype = "htttp"',
            (
                'orchestrate.toml:2:1: checks.web.type is "htttp" '
                "It is one of http, tcp, process, disk, command."
            ),
        ),
        (
            "[checks.web]\nurl = 'http://x'",
            (
                "orchestrate.toml:1:2: [checks.web] has no `type` "
                "It is one of http, tcp, process, disk, command."
            ),
        ),
        (
            '[checks.web]\ntype = "http"',
            "orchestrate.toml:1:2: [checks.web] has no `url` Add `url = …` to it.",
        ),
        (
            '[checks]\nweb = { type = "http", url = "http://x", stattus = 200 }',
            "orchestrate.toml:2:42: unknown key `checks.web.stattus` Did you mean `status`?",
        ),
        (
            '[checks.web]\ntype = "http"\nurl = "http://x"\nmatches = "("',
            (
                "orchestrate.toml:4:1: checks.web.matches is no regular expression: "
                "missing ), unterminated subpattern at position 0"
            ),
        ),
        (
            "[commands.infra]",
            (
                "orchestrate.toml:1:2: [commands.infra] does not say what to call "
                "Give it `argv`, `ssh` or `playbook`."
            ),
        ),
        (
            "[commands.monitor]\nmax_durations = 3",
            (
                "orchestrate.toml:2:1: unknown key `commands.monitor.max_durations` "
                "Did you mean `max_duration`?"
            ),
        ),
        (
            '[commands.infra]\nargv = ["a"]\nplaybook = "b"',
            "orchestrate.toml:3:1: `commands.infra.playbook` excludes `argv` and `ssh`",
        ),
        (
            "[backup.sets.data]\npaths = [1]",
            "orchestrate.toml:2:1: backup.sets.data.paths must be a list of texts, not a list",
        ),
        (
            "[backup.sets.data]\npath = ['a']",
            "orchestrate.toml:1:2: [backup.sets.data] has no `paths` Add `paths = …` to it.",
        ),
        (
            "[notify.team]\ntype = 'url'",
            "orchestrate.toml:1:2: [notify.team] needs one of `url` and `url_variable`",
        ),
        (
            "[test.suites.smoke]\nretries = 2",
            (
                "orchestrate.toml:1:2: [test.suites.smoke] needs one of "
                "`command`, `shell` and `requests`"
            ),
        ),
        (
            "[[test.suites.smoke.requests]]\npaht = '/'",
            (
                "orchestrate.toml:2:1: unknown key `test.suites.smoke.requests.paht` "
                "Did you mean `path`?"
            ),
        ),
        (
            "[engine\nx = 1",
            "orchestrate.toml:1:8: not valid TOML: Expected ']' at the end of a table declaration",
        ),
        (
            "[engine]\n[state]\n[engine]\n",
            (
                "orchestrate.toml:3:8: the table [engine] stands here a second time "
                "put all keys of [engine] below the first one"
            ),
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text: str, expected: str) -> None:
    assert expected in messages(text)


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        parse_settings("orchestrate.toml", b"[engine]\na = 1\nb = 2\n[state]\nc = 3")
    assert [problem.place.line for problem in caught.value.problems] == [2, 3, 5]
    assert caught.value.exit_code == 2
    assert "orchestrate.toml:5:1: unknown key `state.c`" in caught.value.message


def test_bytes_that_are_not_text_are_refused() -> None:
    assert messages_of_bytes(b"[engine]\n# \xff") == [
        "orchestrate.toml:2:1: this is not UTF-8 text"
    ]


def messages_of_bytes(content: bytes) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        parse_settings("orchestrate.toml", content)
    return [f"{problem.place}: {problem.message}" for problem in caught.value.problems]


def test_limits_and_freezes_are_typed(tmp_path: Path) -> None:
    (tmp_path / "orchestrate.toml").write_text(
        '[rate_limits]\ninfra = "10/minute"\n"/infra deploy" = "1 / hour"\n'
        '[rate_limits.group.cloud]\ncommands = ["/infra", "aws s3"]\nlimit = "5/second"\n'
        '[[freeze]]\nname = "christmas"\nfrom = 2026-12-20\nuntil = 2026-12-27T08:00:00+01:00\n'
        'time_zone = "Europe/Berlin"\nenvironments = ["production"]\nallow_priority = "high"\n'
        '[[freeze]]\nname = "night"\ncron = "0 22 * * *"\nduration = "8h"\n'
    )
    settings = read_settings(tmp_path)
    assert [tuple(limit) for limit in settings.rate_limits] == [
        ("infra", (("infra",),), 10, 60.0),
        ("/infra deploy", (("infra", "deploy"),), 1, 3600.0),
        ("group cloud", (("infra",), ("aws", "s3")), 5, 1.0),
    ]
    christmas, night = settings.freezes
    assert (christmas.start, christmas.end) == (1797721200.0, 1798354800.0)
    assert (christmas.environments, christmas.allow_priority) == (("production",), "high")
    assert (night.cron, night.duration, night.start) == ("0 22 * * *", 28800.0, None)


def test_times_of_freezes_in_a_zone_that_there_is_not_are_one_mistake(tmp_path: Path) -> None:
    (tmp_path / "orchestrate.toml").write_text(
        '[[freeze]]\nname = "one"\nfrom = 2026-12-20\nuntil = 2026-12-27\n'
        'time_zone = "Gurope/Berlin"\n'
        '[[freeze]]\nname = "two"\nfrom = 0001-01-01\nuntil = 2026-12-27\n'
    )
    with pytest.raises(SettingsError) as refused:
        read_settings(tmp_path)
    assert "there is no time zone Gurope/Berlin" in refused.value.message
    assert "no date or time: 2026-12-20" not in refused.value.message


def test_a_key_behind_text_that_is_none_has_a_place_all_the_same() -> None:
    with pytest.raises(SettingsError, match="unknown key `namespace`") as refused:
        parse_settings("t.toml", b'# of a = "x"\nnamespace = "operations"\n')
    assert str(refused.value.place) == "t.toml:2:1"


def test_limits_and_freezes_that_make_no_sense_are_all_named(tmp_path: Path) -> None:
    (tmp_path / "orchestrate.toml").write_text(
        '[rate_limits]\ninfra = "often"\n[rate_limits.group.cloud]\nlimit = 3\n'
        '[[freeze]]\nname = "one"\nfrom = "soon"\nuntil = 2026-12-27\ncorn = "* * * * *"\n'
        '[[freeze]]\nname = "two"\ncron = "61 * * * *"\nduration = "1h"\nallow_priority = "huge"\n'
    )
    with pytest.raises(SettingsError) as refused:
        read_settings(tmp_path)
    said = refused.value.message
    for part in (
        'orchestrate.toml:2:1: rate_limits.infra is "often", which is no rate',
        "[rate_limits.group.cloud] has no `commands`",
        "rate_limits.group.cloud.limit must be text, not 3",
        "freeze.from is no date or time: soon",
        "unknown key `freeze.corn`",
        "freeze.allow_priority is no priority",
        "61",
    ):
        assert part in said, said
