"""A page in this machine's browser: draw, make avatars, watch trainings."""
