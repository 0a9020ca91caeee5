"""Draws what moves: videos, and numbered pictures."""
