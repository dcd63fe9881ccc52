"""A workflow that holds a lock, and whether those that did overlapped."""

HOLDS = """
name: holds
steps:
  - name: a
    locks: [db]
    idempotent: true
    shell: |
      echo "in $ORCHESTRATE_LOCK_TOKEN" >> $ROOT/effects
      until test -e $ROOT/go; do sleep 0.05; done
      echo "out $ORCHESTRATE_LOCK_TOKEN" >> $ROOT/effects
"""
QUICK = HOLDS.replace("until test -e $ROOT/go; do sleep 0.05; done", "sleep 0.01")


def check_effects(lines: list[str]) -> list[int]:
    """Nothing overlaps, and tokens rise; returns the tokens."""
    tokens = [int(line.split()[1]) for line in lines if line.startswith("in ")]
    assert lines == [line for token in tokens for line in (f"in {token}", f"out {token}")]
    assert tokens == sorted(set(tokens))
    return tokens
