"""One machine: SQLite journal, ownership, Runtime and Engine."""
