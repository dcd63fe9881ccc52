"""The language: YAML text, document, checked plan, expressions, diagnostics. No I/O, no clock."""
