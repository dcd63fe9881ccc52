"""What an author may write: the model of a playbook, its keys and kinds, and their checks."""
