"""What workflows of a cluster share: locks, capacity, places, rates. One workflow of Temporal's
keeps them all: `ledger.py` and what it consists of decide, `coordinator.py` hears and tells.
"""
