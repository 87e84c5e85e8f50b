"""The month to which an entry belongs: as an expression, for the figures and for an index."""

from django.db.models import Case, When
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import ExtractMonth, ExtractYear

from lms.ledger.rules import SHANGHAI


def own_month() -> Case:
    """When it was earned, or booked where its own year was closed by then (ADR 22)."""
    in_time = When(year=ExtractYear("at", tzinfo=SHANGHAI), then=month_of_instant("at"))
    return Case(in_time, default=month_of_instant("booked_at"))


def month_of_instant(instant: str) -> CombinedExpression:
    """Months since the year 0 of the day in Shanghai."""
    year, month = (one(instant, tzinfo=SHANGHAI) for one in (ExtractYear, ExtractMonth))
    return year * 12 + month - 1
