"""The built-in commands, each a program of its own.

A call of `/backup` is a child process: `python -m orchestrate.commands.builtin.backup`.
"""
