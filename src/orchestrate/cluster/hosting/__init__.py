"""Inside a Temporal workflow: the core, its runtime, and when a run hands on to the next one."""
