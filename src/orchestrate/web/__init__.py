"""The REST API, live updates, and what serves the console."""
