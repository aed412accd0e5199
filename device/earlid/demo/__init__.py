"""The recording that `earlid demo` plays, and when each word in it is said."""
