"""What gatherings do when watching says something; the ledger's sweep finds it as well."""

from typing import Any

from django.dispatch import receiver

from lms.gatherings.models import Share
from lms.gatherings.source import CODE
from lms.ledger.entries import person_settle
from lms.watching.signals import play_session_voided


@receiver(play_session_voided, dispatch_uid="gatherings.play_session_voided")
def less_counts(sender: Any, user_id: int, lecture_id: int, **kwargs: Any) -> None:
    """One person's evidence of a room was voided: the hours for it fall, too."""
    shares = Share.objects.filter(attendance__user=user_id, play__lecture=lecture_id)
    shares.filter(session__voided_at__isnull=False).update(is_voided=True)
    if keys := list(shares.values_list("pk", flat=True)):
        person_settle(user_id=user_id, source=CODE, keys=keys)
