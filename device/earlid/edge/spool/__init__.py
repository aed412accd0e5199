"""Segments on disk: drafts, what waits, what was set aside, and how it is destroyed."""
