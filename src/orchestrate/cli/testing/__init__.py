"""What `orchestrate test` prints and writes: one file for each form."""
