"""Viewings to check: the list in the order in which they were noticed, one with its two acts."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from lms.watching.check_words import check_perhaps, check_said
from lms.watching.checks import CheckRefused, check_all_right, check_void, letters
from lms.watching.models import PlaySession, ViewingCheck
from lms.watching.permissions import VOIDERS, sessions_barred
from lms.watching.reasons import void_reason_field
from organizations import scope
from organizations.models import Membership
from organizations.people.person_page import view_record
from organizations.people.viewer import Viewer
from organizations.permissions import can_keep_person

PER_PAGE = 30


class AllRightForm(forms.Form):
    words = forms.CharField(
        label=gettext_lazy("What you found"),
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class VoidForm(forms.Form):
    sessions = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Viewings that no longer count"),
        coerce=uuid.UUID,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": gettext_lazy("Please choose the viewings that should no longer count.")
        },
    )
    words = void_reason_field()


@never_cache
@require_safe
@login_required
def checks(request: HttpRequest) -> HttpResponse:
    if not scope.holds_post(request.user, *VOIDERS):
        raise PermissionDenied(
            _("Viewings are checked by the secretary or party-affairs officer of a unit above.")
        )
    rows = ViewingCheck.objects.visible_to(request.user).select_related("user")
    decided = request.GET.get("state") == "decided"
    waiting = rows.open()
    chosen = rows.exclude(pk__in=waiting).order_by("-decided_at", "-pk") if decided else waiting
    page = Paginator(chosen, PER_PAGE).get_page(request.GET.get("p"))
    viewer = Viewer.of(request)
    homes = _homes(one.user_id for one in page)
    shown = [
        {
            "check": one,
            "name": viewer.name(one.user),
            "home": homes.get(one.user_id, ""),
            "said": check_said(one),
        }
        for one in page
    ]
    context = {
        "nav": "me",
        "page": page,
        "rows": shown,
        "decided": decided,
        "query_prefix": "state=decided&" if decided else "",
    }
    return render(request, "watching/checks.html", context)


def _homes(people: Any) -> dict[int, str]:
    ties = Membership.objects.current().filter(user__in=set(people), kind=Membership.Kind.HOME)
    return dict(ties.values_list("user_id", "organization__name"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def check(request: HttpRequest, pk: int) -> HttpResponse:
    rows = ViewingCheck.objects.visible_to(request.user).select_related("user", "decided_by")
    found = get_object_or_404(rows, pk=pk)
    sessions = list(
        found.sessions.defer("seen").select_related("lecture").order_by("started_at", "pk")
    )
    barred = sessions_barred(request.user, sessions)
    own = [one for one in sessions if one.pk not in barred]
    sane, void = AllRightForm(), _void_form(own)
    if request.method == "POST":
        act = request.POST.get("act")
        if act == "void":
            void = _void_form(own, request.POST)
        else:
            sane = AllRightForm(request.POST)
        form = void if act == "void" else sane
        if form.is_valid() and _decided(request, found, form.cleaned_data, act):
            return redirect("viewing_checks:list")
    view_record(request=request, person=found.user)
    viewer = Viewer.of(request)
    in_clear = can_keep_person(request.user, found.user)
    named = letters(sessions)
    context = {
        "nav": "me",
        "check": found,
        "person": found.user,
        "name": str(found.user) if in_clear else viewer.name(found.user),
        "said": check_said(found),
        "perhaps": check_perhaps(found),
        "sessions": [(one, named.get(one.device, "")) for one in sessions],
        "decided_by": viewer.name(found.decided_by) if found.decided_by else "",
        "is_others": bool(sessions) and not own,
        "sane": sane,
        "void": void,
        "can_void": bool(void.fields["sessions"].choices),  # type: ignore[attr-defined]
    }
    status = 422 if void.errors or sane.errors else 200
    return render(request, "watching/check.html", context, status=status)


def _void_form(sessions: list[PlaySession], data: Any = None) -> VoidForm:
    form = VoidForm(data)
    # More than one viewing is chosen deliberately, a single one is meant.
    # Sent twice it is understood twice.
    counted = [one for one in sessions if data is not None or one.voided_at is None]
    form.fields["sessions"].choices = [  # type: ignore[attr-defined]
        (str(one.pk), f"{one.lecture.title} · {date_format(localtime(one.started_at), 'H:i')}")
        for one in counted
    ]
    if len(counted) == 1:
        form.fields["sessions"].initial = [str(counted[0].pk)]
    return form


def _decided(request: HttpRequest, found: ViewingCheck, said: Any, act: str | None) -> bool:
    words = " ".join(said["words"].split())
    try:
        if act == "void":
            count = len(said["sessions"])
            check_void(check=found, sessions=said["sessions"], actor=request.user, words=words)
            done = ngettext(
                "%(n)s viewing no longer counts. What rested on it is worked out anew.",
                "%(n)s viewings no longer count. What rested on them is worked out anew.",
                count,
            ) % {"n": count}
        else:
            check_all_right(check=found, actor=request.user, words=words)
            done = _("Noted: nothing wrong. Nothing has changed for the person.")
    except CheckRefused as problem:
        messages.error(request, str(problem))
        return True
    messages.success(request, done)
    return True
