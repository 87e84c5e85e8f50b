"""Runs: making and changing one, and the desk from which it is kept."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from lms.classes.asking import request_decide
from lms.classes.asks import able_now
from lms.classes.cards import run_text
from lms.classes.forms import RunForm
from lms.classes.matching import rule_text
from lms.classes.models import (
    Enrolment,
    EnrolmentRequest,
    EnrolmentRule,
    TrainingClass,
    hours_announced,
)
from lms.classes.plan_views import offered_plan
from lms.classes.planning import ClassError, run_change, run_create, run_delete
from lms.classes.ruling import catch_up, rule_again, rule_end
from lms.classes.telling import ask_wake, learners_to_ask
from lms.classes.views import NAV, kept_class, key_of
from organizations import scope
from organizations.people.viewer import Viewer

ASKING = 50
State = EnrolmentRule.State


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def run_new(request: HttpRequest, pk: int) -> HttpResponse:
    plan = offered_plan(request, pk)
    first = {
        "title": plan.title,
        "description": plan.description,
        "electives_needed": plan.electives_needed,
        "is_sequential": plan.is_sequential,
    }
    posted = request.POST if request.method == "POST" else None
    form = RunForm(posted, user=request.user, today=timezone.localdate(), initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            key = form.cleaned_data["key"]
            made = run_create(plan=plan, user=request.user, key=key, **form.facts())
        except ClassError as problem:
            form.add_error(None, str(problem))
        else:
            return redirect("classes:desk", made.pk)
    return _form(request, form, _("New run"), plan=plan)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def run_edit(request: HttpRequest, pk: int) -> HttpResponse:
    run = kept_class(request, pk)
    posted = request.POST if request.method == "POST" else None
    form = RunForm(posted, user=request.user, today=timezone.localdate(), run=run)
    if request.method == "POST" and form.is_valid():
        try:
            run_change(run=run, user=request.user, **form.facts())
        except ClassError as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, _("The run is changed."))
            return redirect("classes:desk", pk)
    return _form(request, form, _("Change the run"), run=run)


def _form(request: HttpRequest, form: RunForm, title: str, **more: Any) -> HttpResponse:
    context = {"form": form, "title": title, "offered_units": form.offered, **more}
    status = 422 if form.errors else 200
    return render(request, "classes/run_form.html", NAV | context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def desk(request: HttpRequest, pk: int) -> HttpResponse:
    """What waits for the keeper of a run, and the ways to everything else."""
    run = kept_class(request, pk)
    if request.method == "POST":
        try:
            return _act(request, run)
        except ClassError as problem:
            messages.error(request, str(problem))
            return redirect("classes:desk", pk)
    return render(request, "classes/desk.html", NAV | desk_context(request, run))


def desk_context(request: HttpRequest, run: TrainingClass) -> dict[str, Any]:
    viewer = Viewer.of(request)
    learners = Enrolment.objects.open().filter(training_class=run)
    counts = learners.asked().aggregate(enrolled=Count("pk"), completed=Count("completed_at"))
    others = learners.aggregate(
        all=Count("pk"), unfit=Count("pk", filter=Q(unfit_since__isnull=False))
    )
    counts |= {"outside": others["all"] - counts["enrolled"], "unfit": others["unfit"]}
    items = list(run.items.select_related("lecture", "collection"))
    rules = run.rules.exclude(state=State.ENDED).select_related("unit", "of_class")
    requests = run.requests.filter(state=EnrolmentRequest.State.WAITING).select_related("user")
    return {
        "run": run,
        "run_text": run_text(run),
        "state": run.state_on(timezone.localdate()),
        "counts": counts,
        "items": items,
        "hours": hours_announced(items),
        "sessions": [one for one in items if one.is_session],
        "taken_down": [one for one in items if one.lecture is not None and not one.lecture.live],
        "rules": [{"rule": one, "text": rule_text(one)} for one in rules],
        "is_moving": any(one.state in (State.WAITING, State.RUNNING) for one in rules),
        "requests": [_asks(one, viewer) for one in requests[:ASKING]],
        "few_electives": run.electives_needed > sum(not one.is_required for one in items),
        "lacking": counts["enrolled"] - counts["completed"],
        "able": able_now(run).count(),
    }


def _asks(one: EnrolmentRequest, viewer: Viewer) -> dict[str, Any]:
    home = scope.home_branch(one.user)
    name = viewer.name(one.user, home.pk if home else None)
    return {"pk": one.pk, "name": name, "unit": home.name if home else "", "at": one.asked_at}


def _act(request: HttpRequest, run: TrainingClass) -> HttpResponse:
    user, asked = request.user, request.POST
    act = asked.get("act", "")
    if act in ("rule_end", "rule_again"):
        key = asked.get("rule", "")
        rule = next((one for one in run.rules.select_related("unit") if str(one.pk) == key), None)
        if rule is None:
            raise Http404
        if act == "rule_end" and rule_end(rule=rule, user=user):
            messages.success(request, _("The rule has ended. Who was enrolled by it stays."))
        elif act == "rule_again" and rule_again(rule=rule, user=user):
            messages.success(request, _("The rule is looked through once more."))
    elif act in ("approve", "refuse"):
        wish = get_object_or_404(
            EnrolmentRequest, pk=key_of(asked.get("request")), training_class=run
        )
        if request_decide(request=wish, user=user, approve=act == "approve"):
            done = _("Enrolled.") if act == "approve" else _("The request is refused.")
            messages.success(request, done)
        else:
            messages.info(request, _("This request was decided already."))
    elif act in ("catch_up_list", "catch_up_rule"):
        made = catch_up(
            run=run, user=user, by_rule=act == "catch_up_rule", today=timezone.localdate()
        )
        messages.success(request, _("The catch-up run is there. Its learners are being enrolled."))
        return redirect("classes:desk", made.pk)
    elif act == "remind":
        people = learners_to_ask(run=run, user=user)
        if not people:
            messages.info(request, _("Nobody needs a reminder, or they had one lately."))
        elif ask_wake(run=run, user=user):
            text = ngettext(
                "%(n)s person is reminded now.", "%(n)s people are reminded now.", people
            )
            messages.success(request, text % {"n": people})
        else:
            messages.error(request, _("Nobody could be reminded. Please try again in a while."))
    elif act == "delete":
        run_delete(run=run, user=user)
        messages.success(request, _("The run is deleted."))
        return redirect("classes:list")
    else:
        raise Http404
    return redirect("classes:desk", run.pk)
