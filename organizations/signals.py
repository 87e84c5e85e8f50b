"""What people's ground tells the floors above it.

Whatever a receiver does must also be found by a sweep: a signal can be lost.
"""

from django.dispatch import Signal

# A unit was created, renamed, moved, merged, closed or opened again, in the transaction that is
# open. Arguments: `organization`, `act` (one of "create", "rename", "move", "merge", "close",
# "reopen").
organization_changed = Signal()
