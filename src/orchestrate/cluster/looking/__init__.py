"""What can be known of workflows from anywhere: lists, journals, output, also as they grow."""
