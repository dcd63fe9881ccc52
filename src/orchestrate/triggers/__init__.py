"""What starts workflows without anybody typing: schedules, webhooks, events. Pure."""
