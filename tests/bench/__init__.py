"""The bench: what Earlid costs beside its peers, on the same sound: a command, never a timed test."""
