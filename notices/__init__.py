"""Ways out to people: adapters for messages. Which message goes to whom is decided above."""
