"""What would be: dry runs, walks and failures of a playbook in its project. Nothing is executed."""
