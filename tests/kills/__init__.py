"""Real processes, killed at random instants; at the end rows and disk are compared."""
