"""What serves a whole project on a cluster: workflows that never end, and the activities of workers
for them.
"""
