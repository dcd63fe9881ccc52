"""Looking at what was recorded: who did what, and whether it is still what was recorded."""
