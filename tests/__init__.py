"""The tests; their tree is the package's."""
