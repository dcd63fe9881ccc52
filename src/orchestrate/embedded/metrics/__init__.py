"""What the store tells for monitoring."""
