"""What the ledger tells the rooms above it, in the transaction in which it happens."""

from django.dispatch import Signal

# Entries of somebody were written. Argument: `user_id`. Whoever listens may only leave a mark.
entries_written = Signal()
