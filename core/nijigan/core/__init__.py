"""Trains image-to-image generators. Import from the modules, e.g. `nijigan.core.images`."""
