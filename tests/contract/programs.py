"""What the engines under test call: programs, found on PATH."""

import shutil
from collections.abc import Sequence

from orchestrate.commands.model import Resolved
from orchestrate.errors import CommandError


class Programs:
    """Resolves first words on PATH."""

    def resolve(self, words: Sequence[str]) -> Resolved:
        found = shutil.which(words[0])
        if found is None:
            raise CommandError(f"{words[0]} was not found", hint="Install it.")
        return Resolved((found, *words[1:]), found, read_only=words[0] == "cat", env={})
