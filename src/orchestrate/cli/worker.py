"""`orchestrate worker`: a machine's part in a cluster."""

import os
from functools import partial
from pathlib import Path

import click

from orchestrate.app import App, open_app
from orchestrate.cli.console import err
from orchestrate.errors import UsageError
from orchestrate.project.model import Project


@click.command()
@click.option(
    "--pool",
    "pools",
    multiple=True,
    metavar="POOL",
    help="Take steps of this pool; may be given several times. Default: `[engine] pool`.",
)
@click.option(
    "--max-steps",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    metavar="N",
    help="How many steps run at once, in each pool.",
)
@click.option("--label", "labels", multiple=True, metavar="LABEL",
              help="Shown by `workers`, such as zone=eu; may be given several times.")  # fmt: skip
@click.option("--name", metavar="NAME",
              help="As which it comes back to its steps. Default: the host's name.")  # fmt: skip
@click.option("--address", metavar="HOST:PORT",
              help="Work for this cluster without a project; steps bring theirs.")  # fmt: skip
@click.option("--namespace", metavar="NAME", help="Of that cluster. Default: default.")
def worker(
    *,
    pools: tuple[str, ...],
    max_steps: int,
    labels: tuple[str, ...],
    name: str | None,
    address: str | None,
    namespace: str | None,
) -> int:
    """Execute steps for workflows of a cluster, until SIGTERM; steps that run go on without it.

    With the project it also starts what schedules say, and tells its integrations. Started again
    under the same name on the same state directory, it takes up the steps that went on.
    """
    if address is None and namespace is not None:
        raise UsageError(
            "--namespace belongs to --address", hint="Or set `namespace` in orchestrate.toml."
        )
    app = open_app() if address is None else _without_project(address, namespace or "default")
    configured = app.project.settings.cluster
    if configured is None:
        raise UsageError(
            "workflows of this project run on one machine: there is no cluster to work for",
            hint='Set `[engine] kind = "cluster"` and `address` in orchestrate.toml.',
        )
    from orchestrate.cluster.working.process import options_of, run_worker
    from orchestrate.cluster.working.remarks import hand_on
    from orchestrate.cluster.working.worker import Serving
    from orchestrate.courier.rounds import Rounds
    from orchestrate.daemon.log import as_text
    from orchestrate.daemon.memory import limit_arenas, settle
    from orchestrate.daemon.starter import ProjectStarter
    from orchestrate.project.find import PLAYBOOKS

    limit_arenas()
    options = options_of(configured, name, pools, labels, max_steps)
    hand_on(lambda said: as_text("temporal", says=said))

    def ready() -> None:
        settle()
        err.line(
            f"worker {options.name} takes steps of {', '.join(options.pools)} "
            f"from {configured.address} ({configured.namespace})"
        )

    work = partial(run_worker, app.project, configured, app.env, app.launch_services_in, options)
    if address is not None or not (app.project.root / PLAYBOOKS).is_dir():
        work(ready, None)
        return 0
    with app.open_cluster() as engine:
        work(ready, Serving(ProjectStarter(app, engine, as_text), Rounds(app, engine)))
    return 0


def _without_project(address: str, namespace: str) -> App:
    """The application of a worker to which everything comes with its steps. Its state is kept in
    ORCHESTRATE_STATE_DIR, else where the user's programs keep theirs.
    """
    from orchestrate.project.cluster import ClusterEngine
    from orchestrate.project.find import STATE_VARIABLE
    from orchestrate.project.settings import DEFAULTS

    usual = Path(os.environ.get("XDG_STATE_HOME") or "~/.local/state", "orchestrate")
    state = Path(os.environ.get(STATE_VARIABLE) or usual).expanduser().absolute()
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings = DEFAULTS._replace(cluster=ClusterEngine(address, namespace))
    return App(Project(state, state, settings), os.environ)
