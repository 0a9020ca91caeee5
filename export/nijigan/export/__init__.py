"""Turns a generator into a style and reads styles; `nijigan.export.style` is the format."""
