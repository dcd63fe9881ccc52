"""What was recorded, seen from outside: timelines, analysis, traces. Reads events only."""
