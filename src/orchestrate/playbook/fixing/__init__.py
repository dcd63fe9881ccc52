"""Putting playbooks right: edits of the text that leave everything else as it was written."""
