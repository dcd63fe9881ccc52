"""The pools of application processes: what is wanted, what runs, and how to get there."""
