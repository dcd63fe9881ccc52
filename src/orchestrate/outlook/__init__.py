"""What is to come: slots of schedules, what will be in use, who will be late."""
