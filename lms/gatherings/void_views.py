"""The page that lets one person of an approved session count no longer."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from lms.gatherings.deciding import attendance_void
from lms.gatherings.errors import GatheringError
from lms.gatherings.models import Attendance, Gathering
from lms.gatherings.permissions import check_can_decide
from lms.gatherings.roll_rows import way_text
from lms.gatherings.views import visible
from lms.watching.reasons import VoidForm
from organizations.people.viewer import Viewer


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def void_person(request: HttpRequest, pk: int, user: int) -> HttpResponse:
    found = visible(request, pk)
    check_can_decide(request.user, found)
    rows = Attendance.objects.filter(gathering=found).select_related("user")
    one = get_object_or_404(rows, user=user)
    form = VoidForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            attendance_void(
                gathering=found,
                user_id=user,
                actor=request.user,
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
            )
        except GatheringError as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(
                request, _("This person no longer counts; the hours are being taken back.")
            )
            return redirect("gatherings:detail", pk)
    viewer = Viewer.of(request)
    context = {
        "nav": "me",
        "gathering": found,
        "one": one,
        "name": viewer.name(one.user, found.organization_id),
        "way": way_text(one),
        "is_masked": viewer.is_open or not viewer.knows_unit(found.organization_id),
        "can_void": one.is_present and found.state == Gathering.State.APPROVED,
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "gatherings/void_person.html", context, status=status)
