"""How the findings of `validate` are written: one file for each format."""
