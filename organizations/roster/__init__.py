"""Excel in and out: people and units by the thousand."""
