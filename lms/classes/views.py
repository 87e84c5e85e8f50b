"""Pages of online classes: the list, one class, the manager's table."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lms.classes.models import TrainingClass
from lms.classes.pages import detail_context, list_context
from lms.classes.progress import progress_context

NAV = {"nav": "learning"}


@never_cache
@require_safe
@login_required
def class_list(request: HttpRequest) -> HttpResponse:
    return render(request, "classes/class_list.html", NAV | list_context(user=request.user))


@never_cache
@require_safe
@login_required
def class_detail(request: HttpRequest, pk: int) -> HttpResponse:
    training_class = visible_class(request, pk)
    context = detail_context(user=request.user, training_class=training_class, request=request)
    return render(request, "classes/class_detail.html", NAV | context)


@never_cache
@require_safe
@login_required
def class_progress(request: HttpRequest, pk: int) -> HttpResponse:
    training_class = visible_class(request, pk)
    context = progress_context(user=request.user, training_class=training_class, request=request)
    return render(request, "classes/class_progress.html", NAV | context)


def visible_class(request: HttpRequest, pk: int) -> TrainingClass:
    """A class outside the person's view does not exist for that person."""
    classes = TrainingClass.objects.visible_to(request.user).select_related("organization")
    return get_object_or_404(classes, pk=pk)
