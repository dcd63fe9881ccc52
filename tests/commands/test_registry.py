import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from orchestrate.commands.registry import Registry
from orchestrate.errors import CommandError
from orchestrate.project.environments import read_environment
from orchestrate.project.find import find_project


def registry(
    project: Any, environment: str = "dev", search_path: str = "/usr/bin:/bin"
) -> Registry:
    found = find_project(project.root, {})
    return Registry(found, read_environment(found, environment), search_path)


def test_an_executable_of_the_project_comes_first(project: Any) -> None:
    script = project.write("commands/backup", "#!/bin/sh\necho mine\n", executable=True)
    resolved = registry(project).resolve(["/backup", "list"])
    assert resolved.argv == (str(script), "list")
    assert resolved.origin == "commands/backup"
    assert resolved.read_only is False
    assert resolved.env == {
        "ORCHESTRATE_PROJECT": str(project.root),
        "ORCHESTRATE_ENVIRONMENT": "dev",
    }


def test_scripts_run_with_their_interpreter(project: Any) -> None:
    python = project.write("commands/infra.py", "print('ran')")
    shell = project.write("commands/scan.sh", "echo ran")
    found = registry(project)
    assert found.resolve(["/infra"]).argv == (sys.executable, str(python))
    assert found.resolve(["/scan", "a b"]).argv == ("/bin/sh", str(shell), "a b")
    done = subprocess.run(found.resolve(["/infra"]).argv, capture_output=True, check=True)
    assert done.stdout == b"ran\n"


def test_powershell_scripts_run_with_pwsh(project: Any, tmp_path: Path) -> None:
    script = project.write("commands/win.ps1", "exit")
    with pytest.raises(CommandError, match="no `pwsh` on PATH"):
        registry(project, search_path=str(tmp_path)).resolve(["/win"])
    pwsh = project.write("bin/pwsh", "#!/bin/sh\n", executable=True)
    resolved = registry(project, search_path=str(pwsh.parent)).resolve(["/win", "x"])
    assert resolved.argv == (str(pwsh), "-NoProfile", "-File", str(script), "x")


def test_a_file_that_is_not_executable_is_not_passed_over(project: Any) -> None:
    project.write("commands/infra", "#!/bin/sh\n")
    with pytest.raises(CommandError) as caught:
        registry(project).resolve(["/infra"])
    assert "is not executable" in caught.value.message
    assert caught.value.hint == f"Make it executable: chmod +x {project.root}/commands/infra"


def test_the_environments_mapping_wins_over_the_settings(project: Any) -> None:
    project.settings('[commands.infra]\nargv = ["/bin/echo", "from settings"]\n')
    project.write("environments/staging.yaml", "commands:\n  infra: {argv: [echo, staging]}\n")
    assert registry(project).resolve(["/infra", "x"]).argv == ("/bin/echo", "from settings", "x")
    staged = registry(project, "staging").resolve(["/infra", "x"])
    assert Path(staged.argv[0]).name == "echo"
    assert staged.argv[1:] == ("staging", "x")
    assert staged.origin == "environments/staging.yaml:2"


def test_a_mapping_to_nothing_names_the_line(project: Any) -> None:
    project.settings('\n[commands.infra]\nargv = ["./tools/gone"]\n')
    with pytest.raises(CommandError) as caught:
        registry(project).resolve(["/infra"])
    assert caught.value.message == (
        "`/infra` (orchestrate.toml:2): there is no program ./tools/gone"
    )


def test_a_mapping_to_a_playbook_is_a_run_with_parameters(project: Any) -> None:
    project.settings('[commands.infra]\nplaybook = "infra"\narguments = ["action"]\n')
    resolved = registry(project).resolve(
        ["/infra", "deploy", "--component", "api", "--fast", "--note=a, b=c,d", "--last"]
    )
    assert resolved.argv == (
        sys.executable,
        "-m",
        "orchestrate",
        "run",
        "--playbook",
        "infra",
        "--environment",
        "dev",
        "--yes",
        "--parameters",
        "action=deploy",
        "--parameters",
        "component=api",
        "--parameters",
        "fast=true",
        "--parameters",
        "note=a\\, b=c,d",
        "--parameters",
        "last=true",
    )
    assert "ORCHESTRATE_STATE_DIR" not in resolved.env
    with pytest.raises(CommandError, match="does not say what `twice` means"):
        registry(project).resolve(["/infra", "deploy", "twice"])


def test_built_ins_are_children_that_know_their_project(project: Any) -> None:
    project.settings("[commands.monitor]\nmax_duration = 3\n")
    found = registry(project)
    resolved = found.resolve(["/monitor", "health"])
    assert resolved.argv == (
        sys.executable,
        "-m",
        "orchestrate.commands.builtin.monitor",
        "health",
    )
    assert resolved.origin == "built-in"
    assert resolved.env["ORCHESTRATE_PROTECTED"] == "0"
    assert resolved.env["ORCHESTRATE_COMMAND_OPTIONS"] == '{"max_duration": 3.0}'


@pytest.mark.parametrize(
    ("words", "read_only"),
    [
        (["/monitor", "health"], True),
        (["/monitor", "metrics", "--baseline", "previous"], True),
        (["/backup", "list"], True),
        (["/backup", "verify"], True),
        (["/backup", "create"], False),
        (["/backup"], False),
        (["/test", "list"], True),
        (["/test", "run", "--suite", "x"], False),
        (["/notify", "team"], False),
        (["/bin/true"], False),
    ],
)
def test_only_what_only_reads_is_read_only(project: Any, words: list[str], read_only: bool) -> None:
    assert registry(project).resolve(words).read_only is read_only


def test_a_command_on_path_comes_last(project: Any) -> None:
    tool = project.write("bin/orchestrate-infra", "#!/bin/sh\n", executable=True)
    project.write("bin/orchestrate-monitor", "#!/bin/sh\n", executable=True)
    found = registry(project, search_path=str(tool.parent))
    assert found.resolve(["/infra", "x"]).argv == (str(tool), "x")
    assert found.resolve(["/monitor"]).origin == "built-in"


def test_not_found_lists_where_it_looked_and_the_nearest_name(project: Any) -> None:
    project.write("commands/infra", "#!/bin/sh\n", executable=True)
    with pytest.raises(CommandError) as caught:
        registry(project).resolve(["/infro"])
    assert caught.value.message == (
        "there is no command `/infro`; looked for it in: commands/infro, [commands.infro], "
        "entry points `orchestrate.commands`, the built-ins, orchestrate-infro on PATH"
    )
    assert caught.value.hint == "Did you mean `/infra`?"
    assert caught.value.exit_code == 2


def test_what_is_made_later_is_found_then(project: Any) -> None:
    found = registry(project)
    with pytest.raises(CommandError):
        found.resolve(["/late"])
    project.write("commands/late", "#!/bin/sh\n", executable=True)
    assert found.resolve(["/late"]).origin == "commands/late"


def test_other_words_are_programs_without_a_shell(project: Any) -> None:
    local = project.write("tools/deploy", "#!/bin/sh\n", executable=True)
    found = registry(project)
    assert found.resolve(["/bin/echo", "$HOME;", ""]).argv == ("/bin/echo", "$HOME;", "")
    assert found.resolve(["tools/deploy"]).argv == (str(local),)
    assert found.resolve(["./tools/deploy"]).argv[0] == f"{project.root}/tools/deploy"
    assert Path(found.resolve(["true"]).argv[0]).name == "true"


@pytest.mark.parametrize(
    ("word", "message", "hint"),
    [
        ("", "the command is empty", "Its first word names"),
        ("mnitor-nothing", "there is no program `mnitor-nothing` on PATH", "Install it"),
        (
            "monitor",
            "there is no program `monitor` on PATH",
            "Did you mean the command `/monitor`?",
        ),
        ("deploy", "there is no program `deploy` on PATH", "write `./deploy`"),
        ("./gone", "there is no program ./gone", "It was looked for in"),
        ("/no/such", "there is no program /no/such", ""),
        ("/", "`/` cannot be a command", "A command is a slash and a name"),
        ("/a;b", "`/a;b` cannot be a command", "A command is a slash and a name"),
        ("./playbooks", "playbooks is a directory, not a program", ""),
    ],
)
def test_a_program_that_is_not_there_is_a_clear_error(
    project: Any, word: str, message: str, hint: str
) -> None:
    project.write("deploy", "x")
    with pytest.raises(CommandError) as caught:
        registry(project, search_path="/nonexistent").resolve([word])
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_entry_points_of_installed_packages_are_called(
    project: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    metadata = site / "company_tools-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: company-tools\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        "[orchestrate.commands]\nticket = company_tools:main\nlost = company_gone:main\n"
    )
    (site / "company_tools.py").write_text(
        "def main(arguments):\n    print('ticket', arguments)\n    return 7\n"
    )
    monkeypatch.syspath_prepend(str(site))
    found = registry(project)
    resolved = found.resolve(["/ticket", "open", "--now"])
    assert resolved.origin == "entry point ticket of orchestrate.commands"
    env = project.env({"PYTHONPATH": str(site)})
    done = subprocess.run(resolved.argv, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (7, "ticket ['open', '--now']\n")
    lost = found.resolve(["/lost"])
    done = subprocess.run(lost.argv, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "cannot be loaded" in done.stderr


def test_a_first_word_is_looked_up_once(project: Any) -> None:
    script = project.write("commands/infra", "#!/bin/sh\n", executable=True)
    found = registry(project)
    first = found.resolve(["/infra", "a"])
    script.unlink()
    assert found.resolve(["/infra", "b"]).argv[0] == first.argv[0]
