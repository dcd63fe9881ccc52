"""The static model of names: what an expression may refer to at each place of a playbook.

The compiler walks the playbook in written order and keeps a `Names` for the place where it stands.
A `Names` is one frame of a chain: loop variables, steps of the sequence, the enclosing frames, and
at the end parameters, variables and built-ins.
"""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from orchestrate.errors import Place
from orchestrate.playbook.diagnostics import Diagnostics, nearest
from orchestrate.playbook.expression.globals import Globals
from orchestrate.playbook.expression.known import (
    ANY,
    BUILT_INS,
    INTEGER,
    INTERNAL_NAMES,
    NUMBER,
    TEXT,
    Known,
    Needed,
    Resolution,
    is_env_name,
    normalise,
)
from orchestrate.playbook.plan import Parameter
from orchestrate.playbook.reading.limits import MOST_NAMES

__all__ = ["ANY", "INTEGER", "NUMBER", "TEXT", "Known", "Names", "normalise"]

RESERVED_WORDS = frozenset(
    ("true", "false", "null", "none", "and", "or", "not", "in", "is", "if", "else")
)


class Seen(NamedTuple):
    """What can be seen at a place: as much of each frame as was there when the walk came by."""

    names: "Names"
    steps: int
    variables: int
    outer: "Seen | None"


class Names:
    """One frame of the names that can be seen at a place. Made by `Names.playbook`, nested by
    `sequence`, `loop`, `with_error` and `visible_for`.
    """

    def __init__(self, root: Globals, parent: "Names | None") -> None:
        self._root = root
        self._parent = parent
        self._steps: dict[str, Known] = {}
        self._by_key: dict[str, Known] = {}
        self._variables: dict[str, Place] = {}
        self._loop: tuple[str, str] | None = None
        self._later: dict[str, str] = {}
        self._concurrent: dict[str, str] = {}
        self._needed: Needed | None = None
        self._error_visible = parent is not None and parent._error_visible

    @classmethod
    def playbook(
        cls,
        diagnostics: Diagnostics,
        parameters: Sequence[Parameter] | None,
        variables: Iterable[str],
        secrets: Iterable[str],
        implicit: bool,  # noqa: FBT001 - agreed with the compiler
    ) -> "Names":
        """The names of a whole playbook. `parameters` is None without a `parameters:` block;
        `implicit` says whether a plain unresolved name becomes a parameter then. Names that are
        reserved or become equal are reported here.
        """
        root = Globals(diagnostics, secrets, implicit_allowed=implicit)
        names = cls(root, None)
        for parameter in parameters or ():
            names._check_free(parameter.name, parameter.place, "parameter")
            root.parameters.setdefault(normalise(parameter.name), parameter)
        root.take_variables(variables)
        return names

    def declare_variable(self, name: str, place: Place) -> None:
        """Make a variable of the playbook visible from here on. An environment file may have one of
        the same name: that one's value is meant then.
        """
        self._root.replace_variable(name)
        self._check_free(name, place, "variable")
        self._root.variables.setdefault(normalise(name), name)

    @property
    def diagnostics(self) -> Diagnostics:
        """Where findings of this playbook go."""
        return self._root.diagnostics

    def implicit_parameters(self) -> list[tuple[str, Place]]:
        """Undeclared names that became required string parameters, each with its first use."""
        return list(self._root.implicit.items())

    def env_names(self) -> list[str]:
        """Environment variables that expressions read, in order of first use."""
        return list(self._root.env)

    def sequence(
        self,
        later: Iterable[str] = (),
        concurrent: Mapping[str, str] | None = None,
    ) -> "Names":
        """A nested sequence. `later`: names of all steps written in it, so that a reference to one
        that has not run by then is told from an unknown name. `concurrent`: names that stand in
        sibling branches, each with the branch's name.
        """
        inner = Names(self._root, self)
        inner._later = {normalise(name): name for name in later}
        inner._concurrent = {normalise(name): branch for name, branch in (concurrent or {}).items()}
        return inner

    def loop(self, variable: str, place: Place, item_type: str = ANY) -> "Names":
        """A frame in which the loop variable is visible; shadowing is a warning."""
        inner = Names(self._root, self)
        key = normalise(variable)
        if key in BUILT_INS or key in RESERVED_WORDS or key in INTERNAL_NAMES:
            self._check_free(variable, place, "loop variable")
        elif self.find(key) is not None:
            self.diagnostics.warning(
                "shadowed-name",
                f"the loop variable `{variable}` hides another `{variable}`",
                place,
                hint="inside the loop the item is meant; another name for `as` is clearer",
                length=len(variable),
            )
        inner._loop = (key, item_type)
        return inner

    def with_error(self) -> "Names":
        """A frame for a handler: `error` is visible."""
        inner = Names(self._root, self)
        inner._error_visible = True
        return inner

    def visible_for(self, needs: tuple[str, ...] | None) -> "Names":
        """What a step with these `needs` sees: of its own sequence only the steps that it needs,
        directly or through others. None means everything before it.
        """
        if needs is None:
            return self
        inner = Names(self._root, self)
        inner._needed = Needed(needs, self._by_key)
        return inner

    def add_step(
        self,
        key: str,
        name: str | None,
        place: Place,
        kind: str,
        children: Mapping[str, Known] | None = None,
        needs: tuple[str, ...] | None = None,
    ) -> Known:
        """A step was compiled; what comes after may refer to it by its name. `children` are the
        steps or branches inside, exposed as attributes of its result.
        """
        known = Known(key, name, place, kind, children or {}, needs)
        self._by_key[key] = known
        if name is not None:
            self._check_free(name, place, "step")
            self._steps[normalise(name)] = known
            self._later.pop(normalise(name), None)
        return known

    def set_variables(self, names: Iterable[str], place: Place) -> None:
        """A `set` step introduced or overwrote variables."""
        for name in names:
            key = normalise(name)
            if key not in self._root.variables and not self._is_variable(key):
                self._check_free(name, place, "variable")
            self._variables[key] = place

    def _is_variable(self, key: str) -> bool:
        return key in self._variables or (
            self._parent is not None and self._parent._is_variable(key)
        )

    def _check_free(self, name: str, place: Place, what: str) -> None:
        """Report it if `name` is reserved or already stands for something else here."""
        key = normalise(name)
        taken = self._taken(key, what)
        if taken:
            self.diagnostics.error(
                "name-collision",
                f"the {what} `{name}` has the name of {taken}",
                place,
                hint="an expression could mean either: choose another name",
                length=len(name),
            )

    def _taken(self, key: str, what: str) -> str | None:
        if key in BUILT_INS and not (key == "environment" and what == "parameter"):
            return "a built-in"
        if key in INTERNAL_NAMES or (key in RESERVED_WORDS and what != "step"):
            return "a word of the expression language"
        if key in self._root.implicit:
            used = self._root.implicit[key]
            return f"a value that is used before it exists (line {used.line})"
        found = self.find(key)
        if found is None or found.kind == "built-in":
            return None
        other = self._written(key, found)
        article = "another" if found.kind == what else "a"
        return f"{article} {found.kind} (`{other}`; `-` and `_` count as equal)"

    def _written(self, key: str, found: Resolution) -> str:
        if found.known is not None and found.known.name is not None:
            return found.known.name
        return self._root.written(key)

    def find(self, key: str) -> Resolution | None:
        """What the normalised name stands for here, or None. Reports and records nothing."""
        frame: Names | None = self
        needed: Needed | None = None
        while frame is not None:
            if frame._loop is not None and frame._loop[0] == key:
                return Resolution("loop variable", frame._loop[1])
            known = frame._steps.get(key)
            if known is not None and (needed is None or known.key in needed):
                return Resolution("step", known=known)
            if key in frame._variables:
                return Resolution("variable")
            needed = frame._needed  # concerns the next frame only: the step's own sequence
            frame = frame._parent
        return self._root.find(key, in_handler=self._error_visible)

    def mentions(self, word: str) -> bool:
        """Whether `word` names anything, be it a step that has not run by then."""
        key = normalise(word)
        frame: Names | None = self
        while frame is not None:
            if key in frame._steps or key in frame._later or key in frame._concurrent:
                return True
            frame = frame._parent
        return self.find(key) is not None

    def resolve(self, word: str, place: Place, *, plain: bool) -> Resolution | None:
        """What the root name of an expression stands for; `plain`: no attribute follows it. What
        cannot be resolved is reported, and None returned.
        """
        key = normalise(word)
        found = self.find(key)
        if found is not None:
            return found
        if self._report_not_run(word, key, place):
            return None
        if is_env_name(word):
            self._root.env.setdefault(word)
            return Resolution("env", TEXT, name=word)
        if key in self._root.implicit:
            return Resolution("implicit", TEXT)
        near = self._near(key)
        if plain and self._root.implicit_allowed and near is None and key.isidentifier():
            self._root.add_implicit(key, place)
            return Resolution("implicit", TEXT)
        self._report_undefined(word, key, place)
        return None

    def record_env(self, name: str) -> None:
        """An expression reads the environment variable `name`."""
        self._root.env.setdefault(name)

    def secret(self, name: str) -> str | None:
        """The declared name of a secret, or None."""
        return self._root.secrets.get(normalise(name))

    def allow_in_arguments(self, secrets: frozenset[str]) -> None:
        """These secrets may be arguments of commands."""
        self._root.arguments = secrets

    def may_be_argument(self, secret: str) -> bool:
        """Whether a secret may be an argument of a command."""
        return secret in self._root.arguments

    def secret_names(self) -> list[str]:
        """The declared secrets."""
        return list(self._root.secrets.values())

    def _report_not_run(self, word: str, key: str, place: Place) -> bool:
        """Report a name that is a step, but one whose result does not exist here."""
        frame: Names | None = self
        while frame is not None:
            message = hint = ""
            if key in frame._steps:
                message = f"the step `{word}` need not have run by then: it is not in `needs`"
                hint = f"add `{frame._steps[key].key}` to `needs`"
            elif key in frame._later:
                message = f"the step `{word}` has not run by then: it comes later"
                hint = f"use its result after the step `{frame._later[key]}`"
            elif key in frame._concurrent:
                branch = frame._concurrent[key]
                message = f"`{word}` runs at the same time, in the branch `{branch}`"
                hint = "branches cannot see each other; use the result after the parallel step"
            if message:
                self.diagnostics.error("step-not-run", message, place, hint=hint, length=len(word))
                return True
            frame = frame._parent
        if key == "error":
            self.diagnostics.error(
                "error-outside-handler",
                "`error` exists only inside `on_failure`, `finally` and `compensate`",
                place,
                hint="a step's own result tells whether it failed: `STEP.failed`",
                length=len(word),
            )
            return True
        return False

    def _report_undefined(self, word: str, key: str, place: Place) -> None:
        near = nearest(key, self.visible())
        if near is not None:
            hint = f"did you mean `{near}`?"
        elif "-" in word:
            hint = "a subtraction needs spaces around `-`; a step or parameter must exist"
        else:
            hint = "declare it under `parameters:` or `variables:`, or name a step that ran before"
        self.diagnostics.error(
            "undefined-name", f"`{word}` is not defined here", place, hint=hint, length=len(word)
        )

    def _near(self, key: str) -> str | None:
        """A visible name of which `key` is most likely a misspelling. Stricter than `nearest`, as
        this decides between an error and an implicit parameter.
        """
        known = self.visible()
        if len(known) > MOST_NAMES:
            return None
        found = difflib.get_close_matches(key, known, n=1, cutoff=0.82)
        return found[0] if found else None

    def seen(self) -> Seen:
        """What can be seen now; more may come to the frames later."""
        outer = None if self._parent is None else self._parent.seen()
        return Seen(self, len(self._steps), len(self._variables), outer)

    def steps_seen(self, count: int, needed_by: "Names | None" = None) -> list[Known]:
        """The first so many named steps of this frame; only what the frame inside needs."""
        needed = None if needed_by is None else needed_by._needed
        first = islice(self._steps.values(), count)
        return [known for known in first if needed is None or known.key in needed]

    def variables_seen(self, count: int) -> list[str]:
        """The first so many variables that were set in this frame."""
        return list(islice(self._variables, count))

    @property
    def loop_variable(self) -> tuple[str, str] | None:
        """The loop variable of this frame, and its type."""
        return self._loop

    @property
    def has_needs(self) -> bool:
        """Whether this frame is that of a step that says what it needs."""
        return self._needed is not None

    @property
    def sees_error(self) -> bool:
        """Whether `error` is visible."""
        return self._error_visible

    @property
    def globals(self) -> Globals:
        """What all frames of the playbook share."""
        return self._root

    def visible(self) -> list[str]:
        """The names that can be seen here: all of them, or more than anybody looks through."""
        found: dict[str, None] = {}
        frame: Names | None = self
        while frame is not None and len(found) <= MOST_NAMES:
            if frame._loop is not None:
                found.setdefault(frame._loop[0])
            for name in islice((*frame._steps, *frame._variables), MOST_NAMES + 1):
                if self.find(name) is not None:
                    found.setdefault(name)
            frame = frame._parent
        for name in self._root.first(MOST_NAMES):
            if self.find(name) is not None:
                found.setdefault(name)
        return list(found)
