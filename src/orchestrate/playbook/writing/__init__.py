"""The way back: a playbook that is being put together, as YAML that a person would write."""
