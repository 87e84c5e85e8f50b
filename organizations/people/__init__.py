"""Acts on people and their ties, rosters, masking."""
