"""The hand and the eye: switch, lamp, pins, and what was said last."""
