"""Patterns of plain text, in which `*` stands for any characters and nothing else is special."""


def fits(pattern: str | None, text: str) -> bool:
    """Whether a text is what a pattern says; None says nothing."""
    if pattern is None or pattern == text:
        return True
    if "*" not in pattern:
        return False
    # Loaded only when needed: it brings regular expressions along.
    from fnmatch import fnmatchcase

    return fnmatchcase(text, pattern.replace("[", "[[]").replace("?", "[?]"))
