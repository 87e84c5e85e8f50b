"""Approved hours from elsewhere as a source of credit. They hold no time of a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from lms.ledger.crediting import Fact
from lms.ledger.models import CreditEntry, ExternalClaim
from lms.ledger.rules import SHANGHAI, Kind

CODE = "external"


class External:
    code = CODE
    label = _("hours learnt elsewhere")

    def facts(
        self, user_ids: Collection[int], *, keys: Collection[int] | None = None
    ) -> Iterable[Fact]:
        rows = ExternalClaim.objects.filter(
            user__in=user_ids, state=ExternalClaim.State.APPROVED
        ).order_by("user_id", "pk")
        for one in rows if keys is None else rows.filter(pk__in=keys):
            yield Fact(
                source=CODE,
                key=one.pk,
                user_id=one.user_id,
                kind=Kind.EXTERNAL,
                # Noon: whichever way a day is read, it is this one.
                at=dt.datetime.combine(one.learnt_on, dt.time(12), SHANGHAI),
                subject=one.pk,
                hours=one.hours,
            )

    def waiting(self) -> Iterable[int]:
        booked = CreditEntry.objects.filter(source=CODE, source_key=OuterRef("pk"), reverses=None)
        rows = ExternalClaim.objects.filter(~Exists(booked), state=ExternalClaim.State.APPROVED)
        return rows.order_by().values_list("user_id", flat=True).distinct()

    def titles(self, subjects: Collection[int]) -> Mapping[int, str]:
        return dict(ExternalClaim.objects.filter(pk__in=subjects).values_list("pk", "title"))

    def reasons(self, user_id: int, subjects: Collection[int]) -> Mapping[int, str]:
        found = ExternalClaim.objects.filter(user=user_id, pk__in=subjects)
        return dict(found.values_list("pk", "reason"))
