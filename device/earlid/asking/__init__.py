"""What an owner asks of what was kept or has left: forget it, send it again, give it up."""
