"""One run of the listener: the loop, and what stands around it."""
