"""Who has earned or lost something is marked in the transaction that says so."""

from typing import Any

from django.dispatch import receiver

from lms.ledger.signals import entries_written
from lms.reports.models import Mark


@receiver(entries_written, dispatch_uid="reports.entries_written")
def written(sender: Any, user_id: int, **kwargs: Any) -> None:
    Mark.objects.create(user_id=user_id)
