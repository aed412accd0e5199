"""One TOML file a wake word: phrase, source, SHA-256, licence, threshold. Installed as `earlid.models`."""
