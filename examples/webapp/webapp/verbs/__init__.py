"""What `commands/infra` can be told to do: one module for each group of verbs."""
