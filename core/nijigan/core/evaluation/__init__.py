"""What a drawer draws, measured: quality, cost, and how people judge it."""
