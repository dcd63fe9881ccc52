"""Many machines: the core inside a Temporal workflow, steps as activities on workers.

Needs the extra `temporal`; nothing here is imported where the embedded engine is used.
"""
