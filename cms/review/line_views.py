"""Which levels take part in which line: the page where its keepers settle it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cms.review.forms import LineForm
from cms.review.lines import check_can_keep_line, line_change, lines_kept_by
from organizations.models import Organization


@login_required
@never_cache
@require_safe
def lines(request: HttpRequest) -> HttpResponse:
    kept = lines_kept_by(request.user)
    if not kept:
        raise PermissionDenied(_("You do not keep the reviews of any line."))
    rows = [
        {
            "line": line,
            "form": LineForm(
                head=line.organization,
                initial={
                    "levels": line.levels,
                    "above": line.above,
                    "separate": line.separate,
                },
            ),
        }
        for line in kept
    ]
    return render(request, "cms/review/lines.html", {"nav": "review", "rows": rows})


@login_required
@require_POST
def line(request: HttpRequest, code: str) -> HttpResponse:
    head = get_object_or_404(
        Organization.objects.filter(kind__in=(Organization.Kind.CITY, Organization.Kind.LINE)),
        code=code,
    )
    check_can_keep_line(request.user, head)
    form = LineForm(request.POST, head=head)
    if form.is_valid():
        line_change(user=request.user, head=head, **form.cleaned_data)
        text = _("%(line)s reviews like this from now on. What is under way stays as it began.")
        messages.success(request, text % {"line": head.name})
    else:
        messages.warning(request, _("Please choose what a level above adds."))
    return redirect("review:lines")
