"""Child processes of this machine: supervisor, launching, output, stopping whole trees."""
