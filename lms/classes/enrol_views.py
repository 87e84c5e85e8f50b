"""Enrolling by hand and by rule, and the list of who learns in a run."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from lms.classes.attendance import attendance_set, tick_problem
from lms.classes.enrolments import (
    enrolment_create,
    enrolment_withdraw,
    people_enrol_by_hand,
)
from lms.classes.forms import RuleForm
from lms.classes.matching import KINDS, people_kept, rule_preview, rule_text
from lms.classes.models import ClassItem, Enrolment, ItemDone, TrainingClass
from lms.classes.permissions import ORGANISERS, organised_units
from lms.classes.planning import ClassError
from lms.classes.ruling import rule_create
from lms.classes.views import NAV, kept_class, key_of
from lms.ledger.standings import exempt_people
from organizations import scope
from organizations.models import Membership, User
from organizations.people.marks import ties_asked
from organizations.people.searches import search_held
from organizations.people.viewer import Viewer
from organizations.people.wish import RosterWish

PER_PAGE = 50
FOUND = 40
FILTERS = ("all", "done", "open", "exempt", "unfit", "withdrawn")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def enrol_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """A rule: asked, previewed with numbers and names, confirmed."""
    run = kept_class(request, pk)
    posted = request.POST if request.method == "POST" else None
    form = RuleForm(posted, user=request.user, run=run)
    preview = rule = None
    if request.method == "POST" and form.is_valid():
        rule = form.rule(run)
        preview = rule_preview(rule, viewer=Viewer.of(request))
        if request.POST.get("act") == "confirm":
            try:
                everybody = request.POST.get("everybody") == "on"
                rule_create(rule=rule, user=request.user, means_everybody=everybody)
            except ClassError as problem:
                form.add_error(None, str(problem))
            else:
                messages.success(request, _("The rule is at work. You can leave this page."))
                return redirect("classes:desk", pk)
    context = {
        "run": run,
        "form": form,
        "offered_units": form.offered,
        "preview": preview,
        "text": rule_text(rule) if rule is not None else "",
    }
    status = 422 if form.errors else 200
    return render(request, "classes/rule.html", NAV | context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def enrol_people(request: HttpRequest, pk: int) -> HttpResponse:
    """By hand: people of the own units are found and ticked."""
    run = kept_class(request, pk)
    if request.method == "POST":
        ids = {key_of(text) for text in request.POST.getlist("people")[:FOUND]}
        kept = people_kept(request.user, ids, roles=ORGANISERS)
        count = people_enrol_by_hand(training_class=run, homes=kept, actor=request.user)
        text = ngettext("%(n)s person is enrolled.", "%(n)s people are enrolled.", count)
        messages.success(request, text % {"n": count})
        return redirect("classes:people", pk)
    viewer = Viewer.of(request)
    wish = RosterWish.of(request.GET)
    held = search_held(request, viewer, wish) if wish.query else ""
    context = {
        "run": run,
        "query": wish.query,
        "held": held,
        "found": _found(request, run, wish, viewer) if wish.query and not held else [],
        "most": FOUND,
    }
    return render(request, "classes/enrol.html", NAV | context)


def _found(
    request: HttpRequest, run: TrainingClass, wish: RosterWish, viewer: Viewer
) -> list[dict[str, Any]]:
    inside = scope.units_filter(organised_units(request.user), field="organization")
    asked: Any = ties_asked(RosterWish(query=wish.query))
    ties = asked.current().filter(inside, kind__in=KINDS, user__is_active=True)
    shown = ties.select_related("user", "organization")
    rows = list(shown.order_by("organization__path", "user__name", "pk")[:FOUND])
    learners = dict(
        Enrolment.objects.filter(training_class=run, user__in=[tie.user_id for tie in rows])
        .order_by("enrolled_at")
        .values_list("user_id", "withdrawn_at")
    )
    return [
        {
            "pk": tie.user_id,
            "name": viewer.name(tie.user, tie.organization_id),
            "phone": viewer.phone(tie.user),
            "unit": tie.organization.name,
            "learns": tie.user_id in learners and learners[tie.user_id] is None,
            "left": tie.user_id in learners and learners[tie.user_id] is not None,
        }
        for tie in rows
    ]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def people(request: HttpRequest, pk: int) -> HttpResponse:
    """Who learns here, by unit and name; withdrawing and taking back one by one."""
    run = kept_class(request, pk)
    rows = Enrolment.objects.filter(training_class=run).visible_to(request.user)
    rows = rows.annotate(exempt=exempt_people())
    if request.method == "POST":
        found = get_object_or_404(
            rows.select_related("user", "training_class"), pk=key_of(request.POST.get("enrolment"))
        )
        if request.POST.get("act") == "back":
            if not people_kept(request.user, [found.user_id], roles=ORGANISERS):
                messages.error(request, _("This person no longer belongs to your units."))
                return redirect(request.get_full_path())
            enrolment_create(training_class=run, user=found.user, actor=request.user)
            messages.success(request, _("Enrolled again. The time before stays on record."))
        elif enrolment_withdraw(enrolment=found, actor=request.user):
            messages.success(request, _("Withdrawn. What was learnt stays on record."))
        return redirect(request.get_full_path())
    chosen = request.GET.get("show", "")
    chosen = chosen if chosen in FILTERS else "all"
    narrowed = {
        "all": Q(withdrawn_at=None),
        "done": Q(withdrawn_at=None, completed_at__isnull=False, exempt=False),
        "open": Q(withdrawn_at=None, completed_at=None, exempt=False),
        "exempt": Q(withdrawn_at=None, exempt=True),
        "unfit": Q(withdrawn_at=None, unfit_since__isnull=False),
        "withdrawn": Q(withdrawn_at__isnull=False),
    }
    shown = rows.filter(narrowed[chosen], user__in=User.objects.visible_to(request.user))
    shown = shown.select_related("user", "organization")
    page = Paginator(shown.order_by("organization__path", "user__name", "pk"), PER_PAGE).get_page(
        request.GET.get("p")
    )
    labels = {
        "all": _("All learners"),
        "done": pgettext("class", "Completed"),
        "open": _("Not completed"),
        "exempt": pgettext("people", "Exempt"),
        "unfit": _("No longer meant"),
        "withdrawn": pgettext("learner", "Withdrawn"),
    }
    context = {
        "run": run,
        "rows": _rows(page, Viewer.of(request)),
        "page": page,
        "chosen": chosen,
        "filters": [
            {"label": label, "url": f"?show={name}", "active": name == chosen}
            for name, label in labels.items()
        ],
        "query_prefix": f"show={chosen}&",
    }
    return render(request, "classes/people.html", NAV | context)


def _rows(page: Any, viewer: Viewer) -> list[dict[str, Any]]:
    found = list(page)
    own = dict(
        Membership.objects.current()
        .filter(user__in=[one.user_id for one in found], organization__in=viewer.managed)
        .values_list("user_id", "organization_id")
    )
    return [
        {
            "one": one,
            "name": viewer.name(one.user, own.get(one.user_id)),
            "unit": one.organization.name if one.organization else "",
        }
        for one in found
    ]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def session(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """The list of a session: ticked on its day and after, corrected when it was wrong."""
    run = kept_class(request, pk)
    found = get_object_or_404(ClassItem, pk=item, training_class=run, content="session")
    learners = Enrolment.objects.open().visible_to(request.user).filter(training_class=run)
    if request.method == "POST":
        shown = {key_of(text) for text in request.POST.getlist("shown")[: PER_PAGE * 2]}
        shown &= set(learners.filter(user__in=shown).values_list("user_id", flat=True))
        present = {key_of(text) for text in request.POST.getlist("present")} & shown
        try:
            new, gone = attendance_set(
                item=found, user=request.user, present=present, shown=shown, now=timezone.now()
            )
        except ClassError as problem:
            messages.error(request, str(problem))
        else:
            text = _("Saved: %(new)s ticked, %(gone)s unticked.")
            messages.success(request, text % {"new": new, "gone": gone})
            own = ItemDone.objects.filter(item=found, user=request.user.pk)
            if request.user.pk in present and not own.exists():
                text = _("Your own presence is ticked by somebody else who holds the class.")
                messages.warning(request, text)
        return redirect(request.get_full_path())
    rows = learners.select_related("user", "organization")
    page = Paginator(rows.order_by("organization__path", "user__name", "pk"), PER_PAGE).get_page(
        request.GET.get("p")
    )
    ticks = ItemDone.objects.filter(item=found)
    on_page = [one.user_id for one in page]
    present = set(ticks.filter(user__in=on_page).values_list("user_id", flat=True))
    can_tick = found.starts_at is not None and (
        timezone.localdate(found.starts_at) <= timezone.localdate()
    )
    context = {
        "run": run,
        "item": found,
        "page": page,
        "rows": [
            row | {"present": row["one"].user_id in present}
            for row in _rows(page, Viewer.of(request))
        ],
        "count": ticks.count(),
        "can_tick": can_tick,
        "tick_problem": tick_problem(found, now=timezone.now()),
        "query_prefix": "",
    }
    return render(request, "classes/session.html", NAV | context)
