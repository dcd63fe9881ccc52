"""Expressions: found in text, parsed, checked against names and types, evaluated."""
