"""What other systems are told of workflows: messages, tickets, metrics.

A *notice* (`message.py`) says what happened, built from the journal. A *service* (`service.py`, one
file for each) tells it to one system. When, how often and in which order is not their business:
that is decided by the queue, which the store keeps, and by `backoff.py`.
"""
