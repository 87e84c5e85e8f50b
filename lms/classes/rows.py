"""A class as a row that one watches one after the other (`cms.sequences`)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from cms.sequences import Row, row_finder
from lms.classes.models import ClassItem, TrainingClass


def contribute() -> None:
    row_finder("class", class_row)


def class_row(key: int, user: Any) -> Row | None:
    """Required lectures first, as its page shows them."""
    found = TrainingClass.objects.visible_to(user).filter(pk=key).first()
    if found is None:
        return None
    items = sorted(
        ClassItem.objects.filter(training_class=found),
        key=lambda item: (not item.is_required, item.position, item.pk),
    )
    url = reverse("classes:detail", args=[key])
    return Row(found.title, url, [item.lecture_id for item in items])
