"""The owner's page: what a browser asks, who may ask it, and what is answered. One process, no other host."""
