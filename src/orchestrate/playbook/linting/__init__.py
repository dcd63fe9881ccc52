"""Rules for playbooks that are right but may not be wise. Pure: plan, document and facts in,
findings out.
"""
