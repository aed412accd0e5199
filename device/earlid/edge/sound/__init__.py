"""Where sound comes from, and what is done to it before anybody listens."""
