"""What is to be told to other systems: rows of the store that are written with the events."""
