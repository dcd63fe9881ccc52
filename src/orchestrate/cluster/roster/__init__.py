"""Who works for a cluster: each worker has one small workflow of its own, whose memo says what the
worker is, and whose only activity, on the worker's own queue, gives signs of life.
"""
