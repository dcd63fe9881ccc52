"""From text to plan: reads, checks keys and values, resolves names, compiles what is inside.

Stages, each in a file of its own: `reader` (text to nodes), `structure` (keys and kinds),
`validation` (types of values), then the walk that makes the plan (`compiling/steps.py`,
`actions.py`, `parameters.py`), at last `finishing.py` (what is read of which result).
No stage stops the next, so that all errors are reported at once; only text that is no YAML ends it.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import NamedTuple

from orchestrate.errors import Place
from orchestrate.playbook.compiling.admission import compile_concurrency
from orchestrate.playbook.compiling.claims import compile_locks, compile_resources
from orchestrate.playbook.compiling.collection import without_collection
from orchestrate.playbook.compiling.extent import Extents
from orchestrate.playbook.compiling.finishing import finish
from orchestrate.playbook.compiling.integrations import compile_integrations
from orchestrate.playbook.compiling.parameters import check_name, compile_parameters
from orchestrate.playbook.compiling.scopes import Scopes
from orchestrate.playbook.compiling.secrets import check_variables, compile_secrets, openly_given
from orchestrate.playbook.compiling.steps import DEEPEST, LONGEST_NAME, Context, StepCompiler
from orchestrate.playbook.compiling.triggers import compile_triggers
from orchestrate.playbook.compiling.values import (
    duration_of,
    templates_of,
    text_of,
    texts_of,
    truth_of,
)
from orchestrate.playbook.diagnostics import (
    Diagnostics,
    PlaybookInvalidError,
    TooManyFindingsError,
)
from orchestrate.playbook.document.structure import Structure
from orchestrate.playbook.document.validation import validate
from orchestrate.playbook.names import Names, normalise
from orchestrate.playbook.nodes import MapNode, Node, Scalar
from orchestrate.playbook.plan import Expression, Json, Parameter, Plan, SourceFile, Template
from orchestrate.playbook.reader import read
from orchestrate.playbook.reading.limits import MOST_FINDINGS
from orchestrate.playbook.spelling import nearest
from orchestrate.playbook.templates import compile_template

CLEANUP_TIMEOUT = 600.0
"""Seconds that `finally` may take after a cancel or a timeout, unless the playbook says."""
MOST_STEPS = 100_000
"""Steps of a plan, sub-playbooks counted each time they are used."""

Load = Callable[[str], tuple[str, bytes] | None]


class Compilation(NamedTuple):
    """What came of reading and checking a playbook."""

    plan: Plan | None
    """None if there are errors."""
    diagnostics: Diagnostics
    documents: Mapping[str, MapNode]
    """What was read, by file: the playbook and those that it includes."""
    scopes: Mapping[str, Scopes] = MappingProxyType({})
    """Which names can be seen where, by file."""


def compile_playbook(
    file: str,
    text: bytes,
    load: Load,
    *,
    environment_variables: Mapping[str, Json] | None = None,
    environment_parameters: Iterable[str] = (),
    known: Iterable[str] = (),
) -> Plan:
    """The plan of a playbook. Raises `PlaybookInvalidError` with every error at once.

    The arguments are those of `check_playbook`.
    """
    compilation = check_playbook(
        file,
        text,
        load,
        environment_variables=environment_variables,
        environment_parameters=environment_parameters,
        known=known,
    )
    if compilation.plan is None:
        raise PlaybookInvalidError(compilation.diagnostics)
    return compilation.plan


def check_playbook(
    file: str,
    text: bytes,
    load: Load,
    *,
    environment_variables: Mapping[str, Json] | None = None,
    environment_parameters: Iterable[str] = (),
    known: Iterable[str] = (),
) -> Compilation:
    """The plan of a playbook, and everything that was found on the way.

    `file` is its name in places; `load(name)` gives file and bytes of a sub-playbook, or None.
    `environment_variables` and `environment_parameters` are those of the environment file;
    `known` are the names of all playbooks, for suggestions.
    """
    diagnostics = Diagnostics(MOST_FINDINGS)
    library = Library(load, diagnostics, dict(environment_variables or {}), tuple(known))
    plan = None
    with without_collection(), suppress(TooManyFindingsError):
        plan = library.compile(file, text, tuple(environment_parameters))
    diagnostics.most = None  # what is found in a plan is bounded by its size
    if plan is None or diagnostics.errors:
        return Compilation(None, diagnostics, library.documents, library.scopes)
    warnings = tuple(diagnostics.render(warning) for warning in diagnostics.warnings)
    plan = plan._replace(warnings=warnings)
    return Compilation(plan, diagnostics, library.documents, library.scopes)


class Library:
    """The playbooks that take part in one compilation; each file is compiled once."""

    def __init__(
        self,
        load: Load,
        diagnostics: Diagnostics,
        variables: Mapping[str, Json],
        known: tuple[str, ...],
    ) -> None:
        self._load = load
        self._diagnostics = diagnostics
        self._variables: Mapping[str, Json] = variables
        self._known = known
        self.documents: dict[str, MapNode] = {}
        self.scopes: dict[str, Scopes] = {}
        self._done: dict[str, Plan | None] = {}
        self._open: list[str] = []
        self._extents = Extents()

    def compile(self, file: str, text: bytes, given: tuple[str, ...]) -> Plan | None:
        """The plan of a file, or None after errors that leave nothing to work with."""
        if file in self._done:
            return self._done[file]
        self._open.append(file)
        node = read(file, text, self._diagnostics)
        plan = None
        if isinstance(node, MapNode):
            self.documents[file] = node
            source = SourceFile(file, hashlib.sha256(text).hexdigest())
            plan = _PlaybookCompiler(self, file, source, self._diagnostics).compile(
                node, self._variables, given
            )
            self._check_extent(plan, node)
        elif node is not None:
            self._diagnostics.error(
                "wrong-type",
                "a playbook is a mapping with keys such as `name:` and `steps:`",
                node.place,
                hint="write `steps:` above the list of steps",
            )
        self._open.pop()
        self._done[file] = plan
        return plan

    def _check_extent(self, plan: Plan, node: Node) -> None:
        steps = self._extents.of(plan).steps
        if steps > MOST_STEPS:
            self._diagnostics.error(
                "too-many-steps",
                f"with its sub-playbooks the playbook has {steps:,} steps",
                node.place,
                hint=f"{MOST_STEPS:,} are allowed; repeat steps with `foreach`",
            )

    def include(self, node: Scalar, depth: int) -> Plan | None:
        """The plan of the sub-playbook that a step at `depth` names."""
        found = self._find(node)
        if found is None:
            return None
        file, text = found
        if file in self._open:
            way = " → ".join([*self._open[self._open.index(file) :], file])
            hint = "repeat steps with `foreach`, or wait with `type: wait`"
            self._refuse("recursive-playbook", f"the playbook runs itself: {way}", node, hint)
            return None
        plan = self.compile(file, text, ())
        if plan is not None and depth + self._extents.of(plan).depth > DEEPEST:
            message = f"with this playbook steps are nested more than {DEEPEST} deep"
            hint = "let the playbooks run one after another instead of inside each other"
            self._refuse("nesting-too-deep", message, node, hint)
        return plan

    def _find(self, node: Scalar) -> tuple[str, bytes] | None:
        name = node.text
        if "${" in name:
            message = "the playbook to run must be known before anything runs"
            hint = "write its name; choose between several with `type: conditional`"
            self._refuse("static-text", message, node, hint)
            return None
        found = self._load(name)
        if found is None:
            near = nearest(name, self._known)
            hint = f"did you mean `{near}`?" if near else "give the name or path of a playbook"
            self._refuse("unknown-playbook", f"there is no playbook `{name}`", node, hint)
        return found

    def _refuse(self, rule: str, message: str, node: Scalar, hint: str) -> None:
        length = len(node.text.split("\n")[0])
        self._diagnostics.error(rule, message, node.place, hint=hint, length=length)


class _PlaybookCompiler:
    """Compiles one file."""

    def __init__(
        self, library: Library, file: str, source: SourceFile, diagnostics: Diagnostics
    ) -> None:
        self._library = library
        self._file = file
        self._source = source
        self._diagnostics = diagnostics

    def compile(
        self, document: MapNode, variables: Mapping[str, Json], given: tuple[str, ...]
    ) -> Plan:
        """The plan, as far as it can be made."""
        document = Structure(self._diagnostics).playbook(document)
        validate(document, self._diagnostics)
        fields = {entry.key.text: entry.value for entry in document.entries}
        declared = compile_parameters(fields.get("parameters"), self._diagnostics)
        secrets, arguments = compile_secrets(fields.get("secrets"), self._diagnostics)
        names = Names.playbook(
            self._diagnostics,
            declared,
            variables,
            [secret.name for secret in secrets],
            implicit=declared is None,
        )
        names.allow_in_arguments(arguments | openly_given(fields.get("parameters")))
        plan = self._described(fields)._replace(
            variables=self._variables(fields.get("variables"), names),
            secrets=secrets,
            timeout=duration_of(fields.get("timeout"), names, self._diagnostics),
            cleanup_timeout=self._cleanup(fields.get("cleanup_timeout"), names),
            priority=text_of(fields.get("priority")) or "normal",
            concurrency=compile_concurrency(fields.get("concurrency"), names, self._diagnostics),
            require_success_in=texts_of(fields.get("require_success_in")),
            locks=compile_locks(fields.get("locks"), names, self._diagnostics),
            resources=compile_resources(fields.get("resources"), names, self._diagnostics),
        )
        idempotent = fields.get("idempotent")
        context = Context(
            self._diagnostics,
            self._library.include,
            None if idempotent is None else truth_of(idempotent, default=False),
        )
        context.secrets.update({secret.name: secret for secret in secrets})
        plan = self._with_steps(plan, fields, names, StepCompiler(context))
        plan = plan._replace(
            parameters=(*(declared or ()), *self._implicit(names, given)),
            secrets=tuple(context.secrets.values()),
            env_names=tuple(dict.fromkeys((*names.env_names(), *context.env_names))),
            sources=tuple(dict.fromkeys((self._source, *context.sources))),
        )
        check_variables(plan, self._diagnostics)
        return finish(self._with_outside(plan, fields, variables), context.knowns)

    def _with_outside(
        self, plan: Plan, fields: Mapping[str, Node], variables: Mapping[str, Json]
    ) -> Plan:
        """With what starts it, and whom it tells."""
        if "triggers" in fields:
            triggers = compile_triggers(fields["triggers"], plan, self._diagnostics)
            plan = plan._replace(triggers=triggers)
        if "integrations" in fields:
            integrations, read = compile_integrations(
                fields["integrations"], plan, tuple(variables), self._diagnostics
            )
            env_names = tuple(dict.fromkeys((*plan.env_names, *read)))
            plan = plan._replace(integrations=integrations, env_names=env_names)
        return plan

    def _described(self, fields: Mapping[str, Node]) -> Plan:
        """A plan that does nothing, with what is for people and lists."""
        return Plan(
            name=self._name(fields.get("name")),
            description=text_of(fields.get("description")) or "",
            version=text_of(fields.get("version")),
            category=text_of(fields.get("category")),
            tags=texts_of(fields.get("tags")),
            parameters=(),
            variables={},
            secrets=(),
            environments=texts_of(fields["environments"]) if "environments" in fields else None,
            timeout=None,
            cleanup_timeout=CLEANUP_TIMEOUT,
            checkpoint=truth_of(fields.get("checkpoint"), default=False),
            steps=(),
            on_failure=(),
            on_success=(),
            always=(),
            outputs={},
            env_names=(),
            digest="",
            sources=(),
            warnings=(),
        )

    def _with_steps(
        self, plan: Plan, fields: Mapping[str, Node], names: Names, compiler: StepCompiler
    ) -> Plan:
        """Steps, handlers and outputs; the latter see all steps."""
        before = names.seen()
        steps = compiler.sequence(fields.get("steps"), names, 1)
        inside, failed = steps.names, steps.names.with_error()
        plan = plan._replace(
            steps=steps.steps,
            on_failure=compiler.sequence(fields.get("on_failure"), failed, 1).steps,
            on_success=compiler.sequence(fields.get("on_success"), inside, 1).steps,
            always=compiler.sequence(fields.get("finally"), failed, 1).steps,
            outputs=templates_of(fields.get("outputs"), inside, self._diagnostics),
        )
        scopes = tuple(compiler.context.scopes)
        self._library.scopes[self._file] = Scopes(before, inside.seen(), scopes)
        return plan

    def _variables(self, node: Node | None, names: Names) -> Mapping[str, Template]:
        """The playbook's variables; each may use those before it."""
        compiled: dict[str, Template] = {}
        for entry in node.entries if isinstance(node, MapNode) else ():
            template = compile_template(entry.value, names, self._diagnostics)
            if check_name(entry.key, self._diagnostics):
                names.declare_variable(entry.key.text, entry.key.place)
                compiled[entry.key.text] = template
        return compiled

    def _cleanup(self, node: Node | None, names: Names) -> float | Expression:
        timeout = duration_of(node, names, self._diagnostics)
        return CLEANUP_TIMEOUT if timeout is None else timeout

    def _name(self, node: Node | None) -> str:
        text = text_of(node)
        if text is None or node is None:
            return self._file.rpartition("/")[2].rpartition(".")[0] or self._file
        if "${" in text or not text.isprintable() or len(text) > LONGEST_NAME:
            self._diagnostics.error(
                "bad-name",
                "the name of a playbook is one short line of fixed text",
                node.place,
                hint="letters, digits, `-` and `_` make a good name",
            )
        return text

    def _implicit(self, names: Names, given: tuple[str, ...]) -> list[Parameter]:
        """The parameters that nobody declared. One that is nearly a name of the environment file
        was meant to be that.
        """
        found: list[Parameter] = []
        for name, place in names.implicit_parameters():
            known = {normalise(other): other for other in given}
            near = None if name in known else near_name(name, known)
            if near is not None:
                self._diagnostics.error(
                    "undefined-name",
                    f"`{name}` is not defined here",
                    place,
                    hint=f"did you mean `{near}`, which the environment file gives?",
                    length=len(name),
                )
            found.append(_implicit_parameter(known.get(name, name), place))
        return found


def near_name(name: str, known: Iterable[str]) -> str | None:
    """The name of which `name` is a slip of the keyboard, if there is one."""
    near = nearest(name, known)
    return near if near is not None and abs(len(near) - len(name)) <= 1 else None


def _implicit_parameter(name: str, place: Place) -> Parameter:
    return Parameter(
        name=name,
        type="string",
        description="",
        required=True,
        default=None,
        choices=None,
        pattern=None,
        minimum=None,
        maximum=None,
        secret=False,
        implicit=True,
        place=place,
    )
