"""The command line: one file per group of verbs; imports nothing heavy until a verb runs."""

import gc

# Objects are made by the thousand and kept (modules, plans, a history), hardly any of them in
# cycles: looking for those at every seven hundredth costs a tenth of a resume, and of a start.
gc.set_threshold(50_000, 20, 100)
