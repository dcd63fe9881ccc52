"""One machine: SQLite journal, ownership, admission, the Runtime and the Engine.

Everything durable goes through one writer thread (`writer.py`) that commits in groups under a file
lock; `loop.py` is the selector loop that hosts executions; `engine.py` is what users ask.
"""
