"""The cluster for a trial: its files fit together, and what they call exists."""

from pathlib import Path
from typing import Any

import yaml

from orchestrate.cli.worker import worker
from orchestrate.library.plans import load_plan
from orchestrate.project.find import find_project

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "cluster"
_OF_A_SERVICE = {
    "image", "user", "command", "ports", "volumes", "healthcheck", "build", "environment",
    "depends_on", "restart", "init",
}  # fmt: skip


def compose() -> dict[str, Any]:
    return yaml.safe_load((EXAMPLE / "compose.yaml").read_text())


def test_services_have_known_keys_and_what_they_refer_to():
    made = compose()
    assert set(made) == {"services", "volumes"}
    services = made["services"]
    assert sorted(services) == ["temporal", "tools-worker", "worker"]
    used: set[str] = set()
    for service in services.values():
        assert set(service) <= _OF_A_SERVICE
        assert ("image" in service) != ("build" in service)
        assert set(service.get("depends_on", {})) <= set(services)
        used |= {volume.partition(":")[0] for volume in service["volumes"]}
        for port in service.get("ports", ()):
            assert port.startswith("127.0.0.1:"), "nobody else is to reach a trial"
    assert used == set(made["volumes"])
    assert services["temporal"]["image"].rpartition(":")[2] == "1.5.1"


def test_the_image_is_built_from_files_that_are_there():
    build = compose()["services"]["worker"]["build"]
    context = (EXAMPLE / build["context"]).resolve()
    assert (context / "pyproject.toml").is_file()
    lines = (context / build["dockerfile"]).read_text().splitlines()
    words = [line.split()[0] for line in lines if line and not line.startswith("#")]
    assert words == ["FROM", "COPY", "RUN", "RUN", "USER", "WORKDIR", "ENTRYPOINT"]
    assert 'ENTRYPOINT ["orchestrate"]' in lines


def test_workers_are_called_as_the_program_can_be():
    services = compose()["services"]
    for name, pools in (("worker", ()), ("tools-worker", ("tools",))):
        verb, *words = services[name]["command"]
        assert verb == "worker"
        given = worker.make_context("worker", words).params
        assert given["address"] == "temporal:7233"
        assert given["pools"] == pools


def test_the_playbook_uses_the_pools_that_there_are():
    project = find_project(EXAMPLE, {})
    plan = load_plan(project, None, "greet", use_cache=False).plan
    assert [str(step.pool) if step.pool else None for step in plan.steps] == [None, "tools"]
    settings = project.settings.cluster
    assert settings is not None
    assert settings.address == "127.0.0.1:7233"
