"""Times styles, beside one convolution that says how fast the machine is."""
