"""Every shipped playbook, executed for real in a project that `orchestrate init` has just made."""

import os
from pathlib import Path

import pytest

from orchestrate.library.shipped import shipped_playbooks


@pytest.fixture
def fresh(project_in, tmp_path):
    made = project_in(tmp_path / "fresh")
    (made.root / "playbooks").rmdir()
    made.ok("init")
    yield made
    made.close()


def run(project, name: str, *parameters: str):
    words = [word for value in parameters for word in ("--parameters", value)]
    return project("run", "--playbook", name, "--json", *words)


def ran(project, name: str, *parameters: str):
    done = run(project, name, *parameters)
    assert done.code == 0, done.err
    return done.json


def reached(workflow) -> set[str]:
    return {step["path"] for step in workflow["steps"] if step["state"] == "succeeded"}


def content(folder: Path) -> dict[str, str]:
    return {str(f.relative_to(folder)): f.read_text() for f in folder.rglob("*") if f.is_file()}


def breaks_its_tests(project) -> None:
    settings = project.root / "orchestrate.toml"
    settings.write_text(settings.read_text().replace('command = ["true"]', 'command = ["false"]'))


def test_all_of_them_are_valid_without_a_remark(fresh) -> None:
    for file in shipped_playbooks():
        fresh.playbook(file.stem, file.read_text())
    done = fresh("validate", "--all", "--strict", "--json")
    assert done.code == 0, done.out
    found = {each["name"]: each["findings"] for each in done.json["playbooks"]}
    assert {file.stem: found[file.stem] for file in shipped_playbooks()} == {
        file.stem: [] for file in shipped_playbooks()
    }


def test_the_self_test(fresh) -> None:
    assert ran(fresh, "test")["outputs"] == {"said": "hello"}


def test_daily_backup(fresh) -> None:
    outputs = ran(fresh, "daily-backup", "keep=2")["outputs"]
    assert outputs["files"] == 6
    kept = [folder.name for folder in (fresh.root / ".orchestrate/backups").iterdir()]
    assert outputs["backup"] in kept


def test_weekly_maintenance(fresh) -> None:
    ran(fresh, "daily-backup")
    fresh.write("tmp/deep/old.log", "x")
    fresh.write("tmp/new.log", "x")
    os.utime(fresh.root / "tmp/deep/old.log", (0, 0))
    workflow = ran(fresh, "weekly-maintenance", "folders=tmp,nowhere")
    assert "verify-backups" in reached(workflow)
    assert content(fresh.root / "tmp") == {"new.log": "x"}


def test_maintenance_of_one_target(fresh) -> None:
    workflow = ran(fresh, "maintenance", "target=database")
    assert "database/then/verify-backup" in reached(workflow)
    assert "files" not in reached(workflow)
    workflow = ran(fresh, "maintenance", "target=application", "restart=echo restarted >> effects")
    assert fresh.lines("effects") == ["restarted"]


def test_monthly_audit(fresh) -> None:
    outputs = ran(fresh, "monthly-audit")["outputs"]
    assert outputs["findings"] == 0
    assert "| files that hold credentials | 0 |" in (fresh.root / outputs["report"]).read_text()
    fresh.write("deploy.cfg", "password = 'hunter2hunter2'\n")
    key = fresh.write("server.key", "")
    key.chmod(0o644)
    done = run(fresh, "monthly-audit", "reports=again")
    assert done.code == 1
    assert done.json["error"]["message"].startswith("findings: 2, allowed: 0; see again/audit-")
    assert "hunter2" not in fresh.ok("logs", done.json["id"]).out


def test_secret_scan(fresh) -> None:
    assert ran(fresh, "secret-scan")["outputs"] == {"findings": 0}
    fresh.write("some folder/key", "-----BEGIN RSA PRIVATE KEY-----\n")
    fresh.write("tests/key", "-----BEGIN PRIVATE KEY-----\n")
    done = run(fresh, "secret-scan", "exclude=^[.]/tests/")
    assert done.code == 1
    assert fresh.ok("logs", done.json["id"]).out.splitlines()[-1] == "./some folder/key"


def test_permission_check(fresh) -> None:
    fresh.write("open.txt", "x").chmod(0o666)
    fresh.write("id_ed25519", "x").chmod(0o644)
    assert run(fresh, "permission-check").code == 1
    assert ran(fresh, "permission-check", "fix=true")["outputs"] == {"findings": 2}
    assert (fresh.root / "open.txt").stat().st_mode & 0o777 == 0o664
    assert (fresh.root / "id_ed25519").stat().st_mode & 0o777 == 0o600
    assert ran(fresh, "permission-check")["outputs"] == {"findings": 0}


def test_disaster_recovery(fresh) -> None:
    ran(fresh, "daily-backup")
    hello = fresh.root / "playbooks/hello.yaml"
    was = hello.read_text()
    hello.write_text("ruined")
    workflow = ran(fresh, "disaster-recovery")
    assert hello.read_text() == was
    assert workflow["outputs"]["backup"].startswith("daily-")
    assert list((fresh.root / "before-recovery").rglob("manifest.json"))
    ran(fresh, "disaster-recovery", "target=./elsewhere")
    assert (fresh.root / "elsewhere/playbooks/hello.yaml").read_text() == was


def test_disaster_recovery_without_a_backup_says_so(fresh) -> None:
    done = run(fresh, "disaster-recovery")
    assert done.code == 1
    assert "there is no backup here" in done.err


def test_recovery_drill(fresh) -> None:
    ran(fresh, "daily-backup")
    workflow = ran(fresh, "recovery-drill", "check=grep hello playbooks/hello.yaml")
    assert {"restore", "count", "look", "finally/remove"} <= reached(workflow)
    assert not (fresh.root / "recovery-drill").exists()
    assert run(fresh, "recovery-drill", "check=false").code == 1
    assert not (fresh.root / "recovery-drill").exists()
    fresh.write("mine/file", "x")
    assert run(fresh, "recovery-drill", "folder=./mine").code == 1
    assert content(fresh.root / "mine") == {"file": "x"}


def test_deploy_web_app_and_back(fresh) -> None:
    served = fresh.root / "deploy/current/index.html"
    for version in ("1.0", "1.1"):
        fresh.write("dist/index.html", version)
        ran(fresh, "deploy-web-app", f"version={version}", "keep=2")
        assert served.read_text() == version
    breaks_its_tests(fresh)
    fresh.write("dist/index.html", "1.2")
    done = run(fresh, "deploy-web-app", "version=1.2")
    assert done.code == 1
    assert served.read_text() == "1.1"
    assert sorted(it.name for it in (fresh.root / "deploy/releases").iterdir()) == [
        "1.0",
        "1.1",
        "1.2.failed",
    ]


def test_a_deployment_that_was_taken_back_is_resumed_from_its_beginning(fresh) -> None:
    served = fresh.root / "deploy/current/index.html"
    fresh.write("dist/index.html", "1.0")
    ran(fresh, "deploy-web-app", "version=1.0")
    settings = (fresh.root / "orchestrate.toml").read_text()
    breaks_its_tests(fresh)
    fresh.write("dist/index.html", "1.1")
    assert run(fresh, "deploy-web-app", "version=1.1").code == 1
    assert served.read_text() == "1.0"
    (fresh.root / "orchestrate.toml").write_text(settings)
    resumed = fresh.ok("resume", "--workflow", "current")
    assert "run    release" in resumed.out
    assert served.read_text() == "1.1"


def test_a_first_deployment_that_fails_leaves_nothing_served(fresh) -> None:
    breaks_its_tests(fresh)
    fresh.write("dist/index.html", "1.0")
    assert run(fresh, "deploy-web-app", "version=1.0").code == 1
    assert not (fresh.root / "deploy/current").exists()
    assert [it.name for it in (fresh.root / "deploy/releases").iterdir()] == ["1.0.failed"]


def test_old_releases_go_and_what_is_served_stays(fresh) -> None:
    fresh.write("dist/index.html", "x")
    for number in range(4):
        fresh.write(f"deploy/releases/0.{number}/index.html", "old")
        os.utime(fresh.root / f"deploy/releases/0.{number}", (number, number))
    ran(fresh, "deploy-web-app", "version=1.0", "keep=2")
    assert sorted(it.name for it in (fresh.root / "deploy/releases").iterdir()) == ["0.3", "1.0"]


def test_deploy_web_app_says_what_is_missing(fresh) -> None:
    done = fresh("run", "--playbook", "deploy-web-app", "--environment", "staging")
    assert done.code == 2
    assert "`version` is missing" in done.err
    done = run(fresh, "deploy-web-app", "version=1.0")
    assert "there is no dist; say --parameters artifact=PATH" in done.err


def test_deploy_configuration_and_back(fresh) -> None:
    fresh.write("configuration/app.conf", "port = 1\n")
    ran(fresh, "deploy-configuration")
    assert content(fresh.root / "config") == {"app.conf": "port = 1\n"}
    assert "apply/then/replace/put-in-place" not in reached(ran(fresh, "deploy-configuration"))
    fresh.write("configuration/app.conf", "port = 2\n")
    settings = (fresh.root / "orchestrate.toml").read_text()
    breaks_its_tests(fresh)
    assert run(fresh, "deploy-configuration").code == 1
    assert content(fresh.root / "config") == {"app.conf": "port = 1\n"}
    assert not (fresh.root / "config.before").exists()
    (fresh.root / "orchestrate.toml").write_text(settings)
    fresh.ok("resume", "--workflow", "current")
    assert content(fresh.root / "config") == {"app.conf": "port = 2\n"}


def test_a_project_without_settings_is_told_what_to_add(project) -> None:
    done = run(project, "daily-backup")
    assert done.code == 1
    assert "Add one to orchestrate.toml: [backup.sets.NAME]" in done.err
    done = run(project, "maintenance")
    assert "Add one to orchestrate.toml: [checks.web]" in done.err
