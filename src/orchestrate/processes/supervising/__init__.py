"""The program that starts, watches and stops processes: supervisor and slots.

It runs without site-packages and outlives engines and upgrades, so these modules import nothing but
each other and a small part of the standard library, all of it when the program starts.
"""
