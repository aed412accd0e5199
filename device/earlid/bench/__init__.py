"""`earlid bench`: recordings in, rates out, through exactly the code that listens."""
