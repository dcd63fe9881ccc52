"""Playing scenario files, and what comes of it as plain data."""
