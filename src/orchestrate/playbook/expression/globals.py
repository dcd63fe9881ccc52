"""The names that a playbook has everywhere: parameters, variables, secrets and what is built in."""

from collections.abc import Iterable
from itertools import islice

from orchestrate.errors import Place
from orchestrate.playbook.diagnostics import Diagnostics
from orchestrate.playbook.expression.known import (
    ANY,
    BOOLEAN,
    BUILT_INS,
    INTEGER,
    LIST,
    MAP,
    NUMBER,
    TEXT,
    Resolution,
    normalise,
)
from orchestrate.playbook.plan import Parameter

_PARAMETER_TYPES = {
    "string": TEXT,
    "integer": INTEGER,
    "number": NUMBER,
    "boolean": BOOLEAN,
    "list": LIST,
    "map": MAP,
}


class Globals:
    """What all frames of one playbook share."""

    def __init__(
        self, diagnostics: Diagnostics, secrets: Iterable[str], *, implicit_allowed: bool
    ) -> None:
        self.diagnostics = diagnostics
        self.parameters: dict[str, Parameter] = {}
        self.secrets = {normalise(name): name for name in secrets}
        self.arguments: frozenset[str] = frozenset()
        """Secrets that may be arguments of commands."""
        self.variables: dict[str, str] = {}
        self._replaceable: dict[str, str] = {}
        """Variables of an environment file that the playbook has not written itself by now."""
        self.implicit_allowed = implicit_allowed
        self.implicit: dict[str, Place] = {}
        """Names that became parameters because they are nothing else, each with its first use."""
        self.env: dict[str, None] = {}

    def take_variables(self, names: Iterable[str]) -> None:
        """These are of an environment file; the playbook may write them itself."""
        self.variables.update({normalise(name): name for name in names})
        self._replaceable.update(self.variables)

    def replace_variable(self, name: str) -> None:
        """The playbook writes a variable that an environment file may have, too."""
        key = normalise(name)
        if self._replaceable.get(key) == name:
            del self._replaceable[key], self.variables[key]

    def find(self, key: str, *, in_handler: bool) -> Resolution | None:
        """What a normalised name stands for, or None. `in_handler`: there is an `error`."""
        parameter = self.parameters.get(key)
        if parameter is not None:
            return Resolution(
                "parameter", self.type_of(parameter), secret=parameter.secret, name=parameter.name
            )
        if key in self.variables:
            return Resolution("variable")
        if key in BUILT_INS and (key != "error" or in_handler):
            types = {"environment": TEXT, "timestamp": TEXT}
            return Resolution("built-in", types.get(key, MAP))
        return None

    @staticmethod
    def type_of(parameter: Parameter) -> str:
        """The type of its value, as expressions know it."""
        return _PARAMETER_TYPES.get(parameter.type, ANY)

    def written(self, key: str) -> str:
        """How the author wrote a parameter or a variable."""
        parameter = self.parameters.get(key)
        return parameter.name if parameter else self.variables.get(key, key)

    def first(self, most: int) -> tuple[str, ...]:
        """The names of parameters and variables, `most` of each at the most, and the built-ins."""
        return (*islice(self.parameters, most), *islice(self.variables, most), *BUILT_INS)

    def add_implicit(self, key: str, place: Place) -> None:
        """A name that nothing explains becomes a required parameter."""
        self.implicit[key] = place
        self.diagnostics.warning(
            "implicit-parameter",
            f"`{key}` is not declared; it is taken as a required parameter",
            place,
            hint=f"declare it: `parameters: [{{name: {key}, required: true}}]`",
            length=len(key),
        )
