"""Loading: rows from files into an operation, each told of."""
