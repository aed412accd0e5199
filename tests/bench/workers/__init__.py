"""One listener a file, each run in the environment of its peer and spoken to over a pipe."""
