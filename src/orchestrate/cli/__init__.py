"""The command line: one file per group of verbs; imports nothing heavy until a verb runs."""
