"""How much of a playbook is read; more is refused, since it cannot have been meant.

Together they keep the check of any file within seconds and some hundred megabytes.
"""

LARGEST = 5_000_000
"""Bytes of a file."""
DEEPEST = 300
"""Lists and mappings inside each other; fifty nested steps stay well below."""
MOST = 250_000
"""Values (scalars, lists, mappings) after aliases are replaced by what they stand for."""
LONGEST_TEXT = 100_000
"""Characters of one value. Systems take little more as one argument of a program."""
MOST_EXPRESSIONS = 50_000
"""`${` in a file."""
LONGEST_EXPRESSION = 10_000
"""Characters of one expression."""
MOST_BRANCHES = 1000
"""Branches of a parallel step, all of which know each other's steps."""
LONGEST_LINE = 2000
"""Characters of a line that is looked through for known mistakes."""
MOST_CALLED = 1_000_000
"""Characters of all commands and shell texts of a playbook."""
MOST_FINDINGS = 10_000
"""Errors and warnings of a playbook; who has more mends these first."""
MOST_NAMES = 400
"""Names among which the nearest one is looked for."""
