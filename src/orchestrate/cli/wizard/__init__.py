"""`create --interactive`: a playbook from questions, with a preview after each change."""
