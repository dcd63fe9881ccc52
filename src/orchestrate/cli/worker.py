"""`orchestrate worker`: a machine's part in a cluster."""

import click

from orchestrate.app import open_app
from orchestrate.cli.console import err
from orchestrate.errors import UsageError


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
def worker(
    *, pools: tuple[str, ...], max_steps: int, labels: tuple[str, ...], name: str | None
) -> int:
    """Execute steps for workflows of a cluster, until SIGTERM; steps that run go on without it.

    It also starts what schedules say. Started again under the same name on the same state
    directory, it takes up the steps that went on.
    """
    app = open_app()
    configured = app.project.settings.cluster
    if configured is None:
        raise UsageError(
            "workflows of this project run on one machine: there is no cluster to work for",
            hint='Set `[engine] kind = "cluster"` and `address` in orchestrate.toml.',
        )
    from orchestrate.cluster.working import options_of, run_worker
    from orchestrate.daemon.log import as_text
    from orchestrate.daemon.starter import ProjectStarter

    options = options_of(configured, name, pools, labels, max_steps)

    def ready() -> None:
        err.line(
            f"worker {options.name} takes steps of {', '.join(options.pools)} "
            f"from {configured.address} ({configured.namespace})"
        )

    with app.open_cluster() as engine:
        starter = ProjectStarter(app, engine, as_text)
        run_worker(
            app.project, configured, app.env, app.launch_services_in, options, ready, starter
        )
    return 0
