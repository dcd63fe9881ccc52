"""What a playbook would do, found out without doing anything: the real interpreter on a virtual
clock, with outcomes that are supposed.
"""
