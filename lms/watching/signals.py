"""What travels from watching to the rooms that stand on it."""

from django.dispatch import Signal

# Sent after commit with user_id and lecture_id. It may be lost (kill -9), so whatever it triggers
# is also found by a sweep of the receiving app.
lecture_completed = Signal()

# Sent inside the transaction that takes a completion back, with user_id and lecture_id: what was
# derived from it is derived again in the same transaction.
completion_withdrawn = Signal()

# Sent inside the transaction that voids a play session, with user_id and lecture_id, also when the
# completion stays: the time of the session counts no longer.
play_session_voided = Signal()
