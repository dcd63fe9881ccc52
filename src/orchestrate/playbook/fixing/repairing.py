"""Repairs a playbook: whatever has exactly one right answer, and nothing that would change what a
playbook means that was right before.

First the errors whose diagnostics carry edits, again and again, since one mistake hides others.
Once the playbook is valid, it is brought into its lasting form: undeclared parameters are declared
and unnamed steps named; its plan is then the same as before but for these.
"""

import codecs
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import ClassVar, NamedTuple

from orchestrate.errors import ExitCode, OrchestrateError
from orchestrate.playbook.compile import Compilation
from orchestrate.playbook.diagnostics import TOO_MANY, Diagnostic
from orchestrate.playbook.edits import Fix
from orchestrate.playbook.fixing.applying import apply
from orchestrate.playbook.fixing.declaring import declare
from orchestrate.playbook.fixing.indenting import without_tabs
from orchestrate.playbook.fixing.meaning import same_meaning
from orchestrate.playbook.fixing.naming import name_steps
from orchestrate.playbook.names import normalise
from orchestrate.playbook.nodes import MapNode
from orchestrate.playbook.plan import Plan

Check = Callable[[bytes], Compilation]
"""Reads and checks a text in the place of the playbook's own."""

_ROUNDS = 200
"""How often the text is looked at again, at most; a large one less often."""
_WORK = 20_000_000
"""Characters that are looked at in all, about."""
_ONE_BY_ONE = 50
"""Fixes that are tried alone if they do no good together, at most."""

_AHEAD = 4
"""Edits that only together may let the parser get further, at most."""


class MeaningChangedError(OrchestrateError):
    """Repairing would have changed what a valid playbook does; nothing is written then."""

    code: ClassVar[str] = "fix-refused"
    exit_code: ClassVar[int] = ExitCode.USAGE


class Repair(NamedTuple):
    """One thing that was put right; `line` is where it was found."""

    rule: str
    message: str
    line: int


class Repaired(NamedTuple):
    """A text after all repairs, what they were, and what the check says now."""

    text: bytes
    repairs: tuple[Repair, ...]
    compilation: Compilation


def repair(
    file: str,
    text: bytes,
    check: Check,
    *,
    defined: Collection[str] = (),
    naming: bool = True,
) -> Repaired:
    """Everything in `text` that can only be meant in one way put right.

    `file` is the name that places carry. `defined` are names that some environment defines: they
    are no parameters, even if the environment that `check` looks at lacks them. Without
    `naming`, because something refers to positions, unnamed steps stay so. Raises
    `MeaningChangedError`.
    """
    compilation = check(text)
    try:
        written = text.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError:
        return Repaired(text, (), compilation)
    mark = codecs.BOM_UTF8 if text.startswith(codecs.BOM_UTF8) else b""
    work = _Work(file, mark, written, check, compilation)
    for _ in range(min(_ROUNDS, max(5, _WORK // (len(text) + 1)))):
        if not work.repair_errors():
            break
    if work.compilation.plan is not None:
        work.finish(work.compilation.plan, defined, naming=naming)
    return Repaired(work.bytes_of(work.text), tuple(work.repairs), work.compilation)


class _Finish(NamedTuple):
    """An edit of a valid playbook, and what it does."""

    fix: Fix
    repairs: tuple[Repair, ...]


class _Work:
    """A text on its way."""

    def __init__(
        self, file: str, mark: bytes, text: str, check: Check, compilation: Compilation
    ) -> None:
        self._file = file
        self._mark = mark
        self._check = check
        self._given_up: set[tuple[str, str, int]] = set()
        self.text = text
        self.compilation = compilation
        self.repairs: list[Repair] = []

    def bytes_of(self, text: str) -> bytes:
        """The text as the file holds it."""
        return self._mark + text.encode()

    def repair_errors(self) -> bool:
        """One round: all that is found now. Whether anything was done."""
        fixable = [
            found
            for found in self.compilation.diagnostics.errors
            if found.place.file == self._file and _key(found) not in self._given_up
        ]
        if any(found.rule == "tab-indentation" for found in fixable):
            return self._indent(next(f for f in fixable if f.rule == "tab-indentation"))
        fixable = [found for found in fixable if found.fix]
        if _stage(self.compilation, self._file) == _UNREADABLE:
            return bool(fixable) and self._read_on(fixable[-1])
        if self._try(fixable):
            return True
        done = False
        for found in fixable[:_ONE_BY_ONE]:
            # Places may have moved by what was done before: the others' turn comes next round.
            if not done and not (done := self._try([found])):
                self._given_up.add(_key(found))
        return done

    def _read_on(self, found: Diagnostic) -> bool:
        """Makes the edit that lets the parser get further. Sometimes it takes more than one: what
        the parser met first may stand behind what it stumbles over.
        """
        text, chosen = self.text, [found]
        for _ in range(_AHEAD):
            text, made = apply(text, [chosen[-1].fix])
            if not made:
                break
            after = self._check(self.bytes_of(text))
            if _is_better(self.compilation, after, chosen, self._file):
                self._take(text, after, chosen)
                return True
            chosen.append(after.diagnostics.errors[-1])
        self._given_up.add(_key(found))
        return False

    def _try(self, fixable: Sequence[Diagnostic]) -> bool:
        """Makes the edits of these, if that does away with what they are about."""
        applied = apply(self.text, [found.fix for found in fixable])
        chosen = [fixable[position] for position in applied.made]
        return bool(chosen) and self._take_if_better(applied.text, chosen)

    def _take_if_better(self, text: str, chosen: Sequence[Diagnostic]) -> bool:
        after = self._check(self.bytes_of(text))
        if not _is_better(self.compilation, after, chosen, self._file):
            return False
        self._take(text, after, chosen)
        return True

    def _take(self, text: str, after: Compilation, chosen: Sequence[Diagnostic]) -> None:
        self.repairs += [Repair(found.rule, found.message, found.place.line) for found in chosen]
        self.text, self.compilation = text, after

    def _indent(self, found: Diagnostic) -> bool:
        """Spaces for tabs, in all lines at once: how wide one is must not matter."""
        text = without_tabs(self.text)
        if text is not None and self._take_if_better(text, [found]):
            return True
        self._given_up.add(_key(found))
        return False

    def finish(self, plan: Plan, defined: Collection[str], *, naming: bool) -> None:
        """Declares parameters and names steps of a valid playbook, or only one of the two."""
        declared = self._declared(plan, defined)
        named = self._named(plan, defined) if naming else []
        for wanted in ([*declared, *named], declared, named):
            applied = apply(self.text, [finish.fix for finish in wanted])
            if not applied.made:
                continue
            after = self._check(self.bytes_of(applied.text))
            if after.plan is None:
                continue
            if not same_meaning(plan, after.plan):
                raise MeaningChangedError(
                    f"{self._file} was not changed: repaired it would do something else",
                    hint="This is a fault of orchestrate itself: report it with the playbook. "
                    "Declare its parameters and name its steps by hand.",
                )
            self.repairs += [repair for at in applied.made for repair in wanted[at].repairs]
            self.text, self.compilation = applied.text, after
            return

    def _declared(self, plan: Plan, defined: Collection[str]) -> list[_Finish]:
        """A block that declares all implicit parameters; with it, no other can be implicit."""
        implicit = [parameter for parameter in plan.parameters if parameter.implicit]
        if any(normalise(parameter.name) in defined for parameter in implicit):
            return []
        fix = declare([parameter.name for parameter in implicit], self._document, self._lines)
        repairs = [
            Repair("implicit-parameter", f"`{each.name}` was not declared", each.place.line)
            for each in implicit
        ]
        return [_Finish(fix, tuple(repairs))]

    def _named(self, plan: Plan, defined: Collection[str]) -> list[_Finish]:
        taken = (*(each.name for each in plan.parameters), *plan.env_names, *defined)
        return [
            _Finish(fix, (Repair("unnamed-step", "the step had no name", place.line),))
            for place, fix in name_steps(self._document, self._lines, taken).items()
        ]

    @property
    def _document(self) -> MapNode:
        return self.compilation.documents[self._file]

    @property
    def _lines(self) -> list[str]:
        return self.compilation.diagnostics.texts[self._file]


def _key(found: Diagnostic) -> tuple[str, str, int]:
    return found.rule, found.message, found.place.line


def _is_better(
    before: Compilation, after: Compilation, chosen: Sequence[Diagnostic], file: str
) -> bool:
    """Whether the playbook can be read further than before, or what was chosen is gone."""
    stage, then = _stage(before, file), _stage(after, file)
    if stage != then or stage == _VALID:
        return then > stage
    if stage == _UNREADABLE:
        return _last_line(after) > _last_line(before)
    if _is_cut(before):
        # What was found now is what came after.
        return not _is_cut(after) or _furthest(after) > _furthest(before)
    gone = Counter(_what(before, file)) - Counter(_what(after, file))
    return Counter((found.rule, found.message) for found in chosen) <= gone


def _is_cut(compilation: Compilation) -> bool:
    return any(found.rule == TOO_MANY for found in compilation.diagnostics.found)


def _furthest(compilation: Compilation) -> int:
    return max(found.place.line for found in compilation.diagnostics.found)


def _last_line(compilation: Compilation) -> int:
    """Where reading ended: the parser's error is the last."""
    return compilation.diagnostics.errors[-1].place.line


_UNREADABLE, _WRONG, _VALID = range(3)


def _stage(compilation: Compilation, file: str) -> int:
    if compilation.plan is not None:
        return _VALID
    return _WRONG if file in compilation.documents else _UNREADABLE


def _what(compilation: Compilation, file: str) -> Iterator[tuple[str, str]]:
    for found in compilation.diagnostics.errors:
        if found.place.file == file:
            yield found.rule, found.message
