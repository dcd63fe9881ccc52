"""`orchestrate serve`: one process that starts what is due and looks after what runs."""
