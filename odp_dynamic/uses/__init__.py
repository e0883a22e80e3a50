"""Your calls."""
