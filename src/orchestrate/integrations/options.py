"""Options of an integration, read with their types; what is wrong with one says what to write."""

from collections.abc import Mapping

from orchestrate.integrations.service import OptionsError
from orchestrate.playbook.plan import Json


class Options:
    """What the playbook and `[integrations.TYPE]` give. Empty texts count as not given."""

    def __init__(self, kind: str, given: Mapping[str, Json]) -> None:
        self._kind = kind
        self._given = given

    def text(self, name: str) -> str | None:
        """A text; None if it is not given."""
        value = self._given.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise self._wrong(name, "it is a text")
        return value.strip()

    def needed(self, name: str, hint: str) -> str:
        """A text without which the service cannot work."""
        value = self.text(name)
        if value is None:
            raise OptionsError(f"the {self._kind} integration has no `{name}`", hint=hint)
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """Whether it is true."""
        value = self._given.get(name, default)
        if not isinstance(value, bool):
            raise self._wrong(name, "it is true or false")
        return value

    def texts(self, name: str) -> list[str]:
        """A list of texts; one text is a list of one."""
        value = self._given.get(name, [])
        given = value if isinstance(value, list) else [value]
        if not all(isinstance(each, str | int) for each in given):
            raise self._wrong(name, "it is a list of texts")
        return [str(each).strip() for each in given if each != ""]

    def address(self, name: str, value: str) -> str:
        """The address, without a slash at its end. Raises OptionsError, and does not show it: it
        may be a credential.
        """
        if not value.startswith(("https://", "http://")):
            raise self._wrong(name, "it is an address that begins with https://")
        return value.rstrip("/")

    def _wrong(self, name: str, rule: str) -> OptionsError:
        return OptionsError(
            f"`{name}` of the {self._kind} integration cannot be used",
            hint=f"Mend it in the playbook, or under [integrations.{self._kind}]: {rule}.",
        )
