"""What a rehearsal found out, for people and as JSON."""
