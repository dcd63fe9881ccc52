"""The one place that chooses and wires an engine, secrets and integrations."""
