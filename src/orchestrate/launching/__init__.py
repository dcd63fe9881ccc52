"""From an attempt to what is started for it: command, environment, secrets."""
