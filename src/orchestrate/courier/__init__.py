"""Delivers what other systems are to be told: a process of its own, one for each store.

It is started when something is due, works until nothing is, and ends. No workflow waits for it.
"""
