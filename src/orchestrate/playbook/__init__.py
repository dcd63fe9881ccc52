"""The language: YAML text, document, checked plan, expressions, diagnostics. Pure: no I/O, no clock."""
