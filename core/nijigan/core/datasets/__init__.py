"""Folders of pictures to learn from: made, split, filtered and checked."""
