"""What a step calls: the registry that resolves it, the call contract, built-in commands."""
