"""The catalogue of playbooks."""
