"""Measures of pictures against pictures."""
