"""Where segments go: one file per kind of destination."""
