"""What travels from classes to the rooms that stand on them. Whatever is sent is also found by
`lms.classes.facts`, which names all of it again.
"""

from django.dispatch import Signal

# After commit, with user_id and class_id: a run was completed. May be lost.
class_completed = Signal()

# Inside the transaction, with user_id and class_id: a completion of a run was taken back. The
# person is told.
class_completion_withdrawn = Signal()

# Inside the transaction, with item_id and user_ids: attendance at a session was ticked or
# corrected, or the session was given another time.
attendance_changed = Signal()
