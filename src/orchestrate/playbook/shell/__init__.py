"""Shell text read as a shell reads it, so that values can be put in as variables."""
