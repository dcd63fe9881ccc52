"""The files of a project on their way to workers: packed once for each version, named by content,
kept in Temporal, unpacked where steps run.
"""
