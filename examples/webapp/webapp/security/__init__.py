"""Scans the example application for weaknesses."""
