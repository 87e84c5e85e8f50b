"""The play sessions of a person, for who may void one, and the page that does it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from lms.watching.models import PlaySession
from lms.watching.permissions import (
    check_can_void,
    check_can_void_sessions,
    sessions_barred,
)
from lms.watching.play import play_session_void
from lms.watching.reasons import VoidForm
from organizations.models import User
from organizations.people.person_page import person_read, view_record
from organizations.people.viewer import Viewer
from organizations.permissions import can_keep_person

MOST = 60


@never_cache
@require_safe
@login_required
def person_sessions(request: HttpRequest, pk: int) -> HttpResponse:
    person, context = _person(request, pk)
    # The newest with something in them, voided ones too.
    rows = PlaySession.objects.filter(user=person, accepted__gt=0).defer("seen")
    sessions = list(rows.select_related("lecture").order_by("-started_at", "pk")[:MOST])
    context |= {"sessions": sessions, "barred": sessions_barred(request.user, sessions)}
    return render(request, "watching/sessions.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def session_void(request: HttpRequest, pk: int, session: uuid.UUID) -> HttpResponse:
    person, context = _person(request, pk)
    rows = PlaySession.objects.select_related("lecture").filter(user=person)
    found = get_object_or_404(rows, pk=session)
    check_can_void_sessions(request.user, person, [found])
    form = VoidForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        play_session_void(
            session=found, actor=request.user, reason=" ".join(form.cleaned_data["reason"].split())
        )
        messages.success(
            request, _("This viewing no longer counts. What rested on it is worked out anew.")
        )
        return redirect("watching_people:sessions", pk)
    status = 422 if form.errors else 200
    context |= {"session": found, "form": form}
    return render(request, "watching/session_void.html", context, status=status)


def _person(request: HttpRequest, pk: int) -> tuple[User, dict[str, object]]:
    viewer = Viewer.of(request)
    person = person_read(viewer, pk)
    check_can_void(request.user, person)
    view_record(request=request, person=person)
    name = str(person) if can_keep_person(request.user, person) else viewer.name(person)
    return person, {"nav": "me", "person": person, "name": name}
