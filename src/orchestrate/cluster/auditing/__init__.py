"""Whether journals in Temporal are still what they were."""
