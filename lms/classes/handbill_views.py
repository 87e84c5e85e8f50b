"""The notice of a run of a class."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cms.handbills import Handbill, handbill_page
from lms.classes.views import NAV, visible_class


@never_cache
@login_required
@require_safe
def class_handbill(request: HttpRequest, pk: int) -> HttpResponse:
    run = visible_class(request, pk)
    items = run.items.exclude(lecture__live=False).select_related("lecture", "collection")
    is_over = run.state_on(timezone.localdate()) == "ended"
    unit = run.organization.name
    bill = Handbill(
        kind=_("Training class"),
        title=run.title,
        facts=[
            (_("From"), date_format(run.starts_on, "DATE_FORMAT")),
            (_("Until"), date_format(run.ends_on, "DATE_FORMAT")),
            (_("Held by"), unit),
        ],
        lines=[one.name for one in items.order_by("position", "pk")],
        call=_("The class is over; the page shows what was learnt.")
        if is_over
        else _("Scan the code or open the link, sign in and go on learning."),
        path=reverse("classes:detail", args=[pk]),
        sender=unit,
    )
    return handbill_page(request, bill, nav=NAV["nav"])
