"""From checked nodes to a plan, piece by piece."""
