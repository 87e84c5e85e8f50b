"""Acts on the tree, the tree of any day, unit pages."""
