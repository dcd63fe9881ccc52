"""`orchestrate shell`: a prompt for verbs and for the project's slash commands."""
