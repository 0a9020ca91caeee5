"""Bounds text that may quote what a client sent."""


def shorten(text: str, most: int) -> str:
    """Return `text`, or its start and an ellipsis, of `most` characters together."""
    return text if len(text) <= most else text[: most - 1] + "…"
