"""The verbs of `core`, one per file."""
