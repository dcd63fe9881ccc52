"""`run --verbose`: what is told before a workflow starts, and the display that tells the rest."""

from collections.abc import Iterator

from orchestrate.app import App
from orchestrate.cli.console import Stream
from orchestrate.cli.formats import value
from orchestrate.cli.style import style_of
from orchestrate.cli.verbose import Detail, Verbose
from orchestrate.intake import ENVIRONMENT, Request, read_values
from orchestrate.playbook.expressions import WATCHER
from orchestrate.playbook.parameters import parse_options
from orchestrate.workflow.engine import NewWorkflow


def tell_all(
    app: App, request: Request, new: NewWorkflow, stream: Stream, *, internals: bool
) -> Verbose:
    """The display. From now on the expressions and launches of this process are shown on it."""
    secrets = tuple(new.secret_values.values())
    detail = Detail(internals, app.env, secrets)
    verbose = Verbose(stream, style_of(stream), new.plan, detail, [*_values(app, request, new)])
    app.on_launch = verbose.launched
    WATCHER.set(verbose)
    return verbose


def _values(app: App, request: Request, new: NewWorkflow) -> Iterator[str]:
    """Each parameter with where its value came from."""
    typed = parse_options(request.parameters, new.plan, read_values)
    environment = app.environment(new.environment)
    source = str(environment.path) if environment.path is not None else "no file"
    said = "as given" if request.environment or ENVIRONMENT in typed else "by default"
    yield f"environment {new.environment}, {said} ({source})"
    for parameter in new.plan.parameters:
        name = parameter.name
        if name == ENVIRONMENT:
            origin = "the environment"
        elif name in typed:
            origin = "given with --parameters"
        elif name in request.earlier:
            origin = f"from {request.rerun_of}"
        elif name in environment.parameters:
            origin = f"from {source}"
        elif parameter.required:
            origin = "typed in"
        else:
            origin = "its default"
        if parameter.secret:
            shown = "***" if name in new.secret_values else "nothing"
        else:
            shown = value(new.parameters.get(name))
        yield f"parameter {name} = {shown}: {origin}"
    for secret in new.plan.secrets:
        yield f"secret {secret.name} from {secret.source}"
