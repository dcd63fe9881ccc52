"""From YAML text to nodes: the parser's events, the types of scalars, traps explained."""
