"""Scenarios: a playbook, scripted outcomes, and what must come of them, as files that people write.

`document.py` says what may be written, `checking.py` looks at the keys, `reading.py` makes
scenarios (with `compiling.py`, `values.py`, `outcomes.py` and `signals.py`; `references.py` looks
for steps that do not exist), `playing.py` runs them on a virtual clock, `expectations.py` compares,
`judging.py` does both, `coverage.py` says what was never exercised. Pure: playbooks and
environments come through the port in `sources.py`.
"""
