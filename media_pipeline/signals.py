"""What travels upward from the pipeline.

A receiver may never run (kill -9 between the act and the signal), so whatever it triggers is
also found by a sweep of the receiving app.
"""

from django.dispatch import Signal

# Sent after commit with asset_id (UUID).
asset_ready = Signal()
