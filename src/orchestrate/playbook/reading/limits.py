"""How much of a playbook is read; more is refused, since it cannot have been meant."""

LARGEST = 5_000_000
"""Bytes of a file."""
DEEPEST = 300
"""Lists and mappings inside each other; fifty nested steps stay well below."""
MOST = 1_000_000
"""Nodes after aliases are replaced by what they stand for."""
