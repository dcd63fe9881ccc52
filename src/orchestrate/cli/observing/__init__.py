"""What was recorded, for people and programs: `analyze` and `trace`."""
