"""A person's own data: seen, corrected, exported, erased, and kept no longer than needed."""
