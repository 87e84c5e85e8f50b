"""Pages of a class for its learners, and the table of who has learnt what."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from lms.classes.asking import request_make, request_take_back
from lms.classes.attendance import reading_finish
from lms.classes.models import ClassItem, Enrolment, ItemDone, TrainingClass
from lms.classes.pages import detail_context, list_context
from lms.classes.permissions import check_can_organise
from lms.classes.planning import ClassError
from lms.classes.progress import progress_context

NAV = {"nav": "learning"}


@never_cache
@require_safe
@login_required
def class_list(request: HttpRequest) -> HttpResponse:
    return render(request, "classes/class_list.html", NAV | list_context(user=request.user))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def class_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What is to be learnt; who may join asks here."""
    training_class = visible_class(request, pk)
    if request.method == "POST":
        try:
            if request.POST.get("act") == "ask":
                request_make(training_class=training_class, user=request.user)
                messages.success(request, _("You have asked to join. The organiser will decide."))
            elif request.POST.get("act") == "take_back":
                if request_take_back(training_class=training_class, user=request.user):
                    messages.success(request, _("You no longer ask to join."))
            else:
                raise Http404
        except ClassError as problem:
            messages.error(request, str(problem))
        return redirect("classes:detail", pk)
    context = detail_context(user=request.user, training_class=training_class, request=request)
    return render(request, "classes/class_detail.html", NAV | context)


@never_cache
@require_safe
@login_required
def class_progress(request: HttpRequest, pk: int) -> HttpResponse:
    training_class = visible_class(request, pk)
    context = progress_context(user=request.user, training_class=training_class, request=request)
    return render(request, "classes/class_progress.html", NAV | context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def reading(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """A text of a class; its learner says that it is read."""
    run = visible_class(request, pk)
    found = get_object_or_404(ClassItem, pk=item, training_class=run, content="reading")
    if request.method == "POST":
        if run.state_on(timezone.localdate()) == "upcoming":
            messages.error(request, _("The class has not begun yet. Please come back then."))
        elif reading_finish(item=found, user=request.user, now=timezone.now()):
            messages.success(request, _("Noted: you have read this text."))
        return redirect("classes:detail", pk)
    learns = Enrolment.objects.open().filter(user=request.user.pk, training_class=run).exists()
    done = ItemDone.objects.filter(item=found, user=request.user.pk).first()
    context = {"run": run, "item": found, "learns": learns, "done": done}
    return render(request, "classes/reading.html", NAV | context)


def visible_class(request: HttpRequest, pk: int) -> TrainingClass:
    """A class outside the person's view does not exist for that person."""
    classes = TrainingClass.objects.visible_to(request.user).select_related("organization", "plan")
    return get_object_or_404(classes, pk=pk)


def kept_class(request: HttpRequest, pk: int) -> TrainingClass:
    """The class, for who may change it. Raises Http404 and PermissionDenied."""
    found = visible_class(request, pk)
    check_can_organise(request.user, found.organization)
    return found


def key_of(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0
