"""A wake-word listener that lets nothing leave before its name is called."""

__version__ = "0.1.0"
