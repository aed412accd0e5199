"""Wake-word models: what is known of them, how their graph is composed, and who runs it."""
