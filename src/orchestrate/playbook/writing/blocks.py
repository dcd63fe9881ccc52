"""A playbook while somebody puts it together: plain data that remembers comments."""

from typing import Any, TypeAlias

Remark: TypeAlias = tuple[str, ...]
"""Lines above a key or an item, without indentation: comments, and empty lines."""


class Plain(str):
    """A scalar that is written without quotes, whatever it looks like: `1.10`, `true`, `30`."""

    __slots__ = ()


class Block(dict[str, Any]):
    """A mapping in written order. Values are text, `Plain`, blocks, and lists of these.

    `above` stands above it if it is an item of a list, `remarks` above its keys.
    """

    def __init__(self, *args: Any, above: Remark = (), **keys: Any) -> None:
        super().__init__(*args, **keys)
        self.above = above
        self.remarks: dict[str, Remark] = {}

    def put(self, key: str, value: Any) -> None:
        """Set a key; an empty value removes it."""
        if value in ("", None, [], {}):
            self.pop(key, None)
            self.remarks.pop(key, None)
        else:
            self[key] = value
