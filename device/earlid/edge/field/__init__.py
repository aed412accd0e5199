"""Field recordings on disk: numbers, sealed sound, and what was asked for."""
