"""What a run means: events, outcomes, state, interpreter, and the ports Runtime and Engine."""
