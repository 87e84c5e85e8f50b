"""The pages of acts on a person: one form a page, a question in plain words before an end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from audit import log
from audit.models import AuditEntry
from organizations import permissions
from organizations.auditing.denials import denial_record
from organizations.models import Membership, Organization, Post, Tag, User
from organizations.people import forms
from organizations.people.details import PeopleError
from organizations.people.list_pages import unit_read
from organizations.people.person_page import appoints_somewhere, person_read, view_record
from organizations.people.taken import TakenElsewhere
from organizations.people.viewer import Viewer

page = require_http_methods(["GET", "HEAD", "POST"])


def _answer(
    request: HttpRequest,
    form: forms.ActForm,
    *,
    title: str,
    button: str,
    text: str = "",
    back: str = "",
    after: str = "",
    unit: Organization | None = None,
) -> HttpResponse:
    """Show the form, or do it and go on. What may not be done is said on the form, and logged.

    The form shows who it is about, some forms phone and code too: as on the person's page, looking
    is logged.
    """
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            said = form.act(request)
        except PeopleError as problem:
            if isinstance(problem, TakenElsewhere):
                log.record(
                    "access.deny",
                    target=form.person,
                    result=AuditEntry.Result.DENIED,
                    request=request,
                    path=request.path,
                    reason="taken_elsewhere",
                    field=problem.field,
                )
            form.add_error(None, str(problem))
        except PermissionDenied as problem:
            denial_record(request, target=form.person)
            form.add_error(None, str(problem))
            status = 403
        else:
            messages.success(request, said)
            return redirect(after or reverse("people:detail", args=[form.person.pk]))
    person = form.person
    if person and person.pk and not Viewer.of(request).is_self(person):
        view_record(request=request, person=person)
    context = {
        "nav": "me",
        "form": form,
        "title": title,
        "button": button,
        "text": text,
        "unit": unit,
        "back": back or (reverse("people:detail", args=[person.pk]) if person else ""),
        "person_name": _name(request, person) if person and person.pk else "",
        "offered_units": form.offered_units(),
    }
    return render(request, "people/act.html", context, status=status)


def _name(request: HttpRequest, person: User) -> str:
    """In clear for who keeps the person, as on the person's page."""
    if permissions.can_keep_person(request.user, person):
        return str(person)
    return Viewer.of(request).name(person)


def _person(
    request: HttpRequest, pk: int, check: Callable[[Any, User], None] | None = None
) -> User:
    person = person_read(Viewer.of(request), pk)
    if check is not None:
        check(request.user, person)
    return person


def _row(model: type[Any], person: User, row: int) -> Any:
    """An open row of this person."""
    rows = model.objects.current().select_related("user").filter(user=person, valid_to=None)
    return get_object_or_404(rows, pk=row)


@never_cache
@page
@login_required
def new(request: HttpRequest, code: str) -> HttpResponse:
    unit = unit_read(Viewer.of(request), code)
    permissions.check_can_keep_people(request.user, unit)
    if unit.closed_on is not None:
        raise Http404
    form = forms.NewForm(request.POST or None, actor=request.user, person=None, unit=unit)
    return _answer(
        request,
        form,
        title=_("Enter a person"),
        button=_("Enter"),
        text=_("Nobody can sign in before you have issued a one-time code to them."),
        back=reverse("people:list", args=[unit.code]),
        unit=unit,
    )


@never_cache
@page
@login_required
def change(request: HttpRequest, pk: int) -> HttpResponse:
    person = _person(request, pk, permissions.check_can_keep_person)
    form = forms.ChangeForm(request.POST or None, actor=request.user, person=person)
    return _answer(request, form, title=_("Change the details"), button=_("Save"))


@never_cache
@page
@login_required
def transfer(request: HttpRequest, pk: int) -> HttpResponse:
    person = _person(request, pk, permissions.check_can_keep_person)
    form = forms.TransferForm(request.POST or None, actor=request.user, person=person)
    return _answer(
        request,
        form,
        title=_("Transfer to another branch"),
        button=_("Transfer"),
        text=_("What this person has learnt and attended goes along."),
    )


@never_cache
@page
@login_required
def tie(request: HttpRequest, pk: int) -> HttpResponse:
    person = _person(request, pk, permissions.check_can_keep_person)
    form = forms.TieForm(request.POST or None, actor=request.user, person=person)
    return _answer(
        request,
        form,
        title=_("Enter another tie"),
        button=_("Enter"),
        text=_("Where a floating member takes part, or where somebody learns along."),
    )


@never_cache
@page
@login_required
def tie_end(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    person = _person(request, pk)
    membership = _row(Membership, person, row)
    if membership.kind == Membership.Kind.HOME:
        raise Http404
    if not permissions.can_keep_people(request.user, membership.organization):
        permissions.check_can_keep_person(request.user, person)
    form = forms.TieEndForm(request.POST or None, actor=request.user, person=person, row=membership)
    return _answer(
        request,
        form,
        title=_("End the tie"),
        button=_("End it"),
        text=f"{membership.get_kind_display()} · {membership.organization.name}",
        # The person may now be out of sight.
        after=reverse("people:list", args=[membership.organization.code])
        if permissions.can_keep_people(request.user, membership.organization)
        else "",
    )


@never_cache
@page
@login_required
def tag(request: HttpRequest, pk: int) -> HttpResponse:
    person = _person(request, pk, permissions.check_can_keep_person)
    form = forms.TagForm(request.POST or None, actor=request.user, person=person)
    return _answer(
        request,
        form,
        title=_("Enter a tag"),
        button=_("Enter"),
        text=_("A new stage ends the one before."),
    )


@never_cache
@page
@login_required
def tag_end(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    person = _person(request, pk, permissions.check_can_keep_person)
    held = _row(Tag, person, row)
    form = forms.TagEndForm(request.POST or None, actor=request.user, person=person, row=held)
    return _answer(
        request,
        form,
        title=_("End the tag"),
        button=_("End it"),
        text=f"{held.get_dimension_display()} · {held.get_value_display()}",
    )


@never_cache
@page
@login_required
def post(request: HttpRequest, pk: int) -> HttpResponse:
    person = _person(request, pk)
    if person.pk == request.user.pk:
        raise Http404
    if not appoints_somewhere(Viewer.of(request)):
        raise PermissionDenied(_("You do not give posts."))
    form = forms.PostForm(request.POST or None, actor=request.user, person=person)
    return _answer(
        request,
        form,
        title=_("Give a post"),
        button=_("Give"),
        text=_("Whoever holds a post sees the people of the unit and of those below it."),
    )


@never_cache
@page
@login_required
def post_end(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    person = _person(request, pk)
    held = _row(Post, person, row)
    permissions.check_can_appoint(request.user, held.organization, held.role)
    form = forms.PostEndForm(request.POST or None, actor=request.user, person=person, row=held)
    return _answer(
        request,
        form,
        title=_("End the post"),
        button=_("End it"),
        text=f"{held.get_role_display()} · {held.organization.name}",
    )


@never_cache
@page
@login_required
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    person = _person(request, pk, permissions.check_can_keep_person)
    if person.pk == request.user.pk:
        raise Http404
    form = forms.LeaveForm(request.POST or None, actor=request.user, person=person)
    tie = Membership.objects.current().filter(user=person).select_related("organization").first()
    return _answer(
        request,
        form,
        title=_("This person leaves"),
        button=_("End all ties and close the account"),
        text=_(
            "All ties and posts end and nobody signs in with this account any more. What was "
            "learnt and attended stays in the figures."
        ),
        after=reverse("people:list", args=[tie.organization.code]) if tie else "/",
    )
