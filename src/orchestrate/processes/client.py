"""The engine's side of the supervisor: start it early, talk to it, find it again.

Everything here is mechanism; an engine puts `fileno()` into its selector and calls `receive()`
when it is readable.
"""
