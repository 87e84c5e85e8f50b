"""What the ledger does when watching says something; each act is also found by the sweep."""

from typing import Any

from django.dispatch import receiver

from lms.ledger.entries import person_settle
from lms.ledger.models import CreditEntry
from lms.ledger.watched import CODE
from lms.watching.models import Completion
from lms.watching.signals import completion_withdrawn, lecture_completed, play_session_voided


@receiver(lecture_completed, dispatch_uid="ledger.lecture_completed")
def completed(sender: Any, user_id: int, lecture_id: int, **kwargs: Any) -> None:
    rows = Completion.objects.filter(user=user_id, lecture=lecture_id)
    keys = set(rows.values_list("pk", flat=True))
    if keys:
        person_settle(user_id=user_id, source=CODE, keys=keys)


@receiver(completion_withdrawn, dispatch_uid="ledger.completion_withdrawn")
@receiver(play_session_voided, dispatch_uid="ledger.play_session_voided")
def less_counts(sender: Any, user_id: int, lecture_id: int, **kwargs: Any) -> None:
    """What is gone, another completion that counts instead, and whose time got less."""
    rows = Completion.objects.filter(user=user_id, lecture=lecture_id)
    entries = CreditEntry.objects.standing().filter(user=user_id, source=CODE, subject=lecture_id)
    keys = {*rows.values_list("pk", flat=True), *entries.values_list("source_key", flat=True)}
    if keys:
        person_settle(user_id=user_id, source=CODE, keys=keys)
