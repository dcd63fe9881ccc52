"""What lies on disk around a playbook: project root, settings, environments."""
