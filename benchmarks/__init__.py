"""What it costs: every figure is a ratio to something measured in the same run.

`make bench` prints the table; `--json FILE` keeps the figures; `--row NAME` measures one row.
"""
