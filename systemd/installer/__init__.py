"""Puts Earlid on a machine, step by step, with nothing but Python's standard library."""
