"""What a playbook needs beyond itself: commands, programs, values, folders, hosts."""
