"""How what waits leaves: lanes, errands, receipts, and what is kept within limits."""
