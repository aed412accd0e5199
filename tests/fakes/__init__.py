"""Stand-ins for outside things, which behave as the things do."""
