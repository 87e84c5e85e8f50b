"""What reviewers press. Each view makes one call and says what came of it.

The sheet's script asks for JSON, so that the next submission is there at once; without scripts the
same addresses answer with pages.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from cms.models import LecturePage
from cms.permissions import check_can_publish
from cms.review import acts
from cms.review.errors import ReviewConflict, ReviewError
from cms.review.forms import AtForm, CommentForm, DecisionForm, TakeDownForm
from cms.review.models import Review, ReviewStep
from cms.review.queue import next_of
from cms.review.take_downs import UNFINISHED, take_down, take_down_lift
from cms.review.views import sheet_response, visible

CONFLICT, UNFIT = 409, 422


@login_required
@require_POST
def proofread(request: HttpRequest, pk: int) -> HttpResponse:
    form = AtForm(request.POST)

    def act() -> str:
        step = acts.proofread(
            review_id=pk,
            step_id=form.cleaned_data["step"],
            version=form.cleaned_data["version"],
            words=form.cleaned_data["words"],
            user=request.user,
            now=timezone.now(),
        )
        return _after(request, step) if step.separate else reverse("review:sheet", args=[pk])

    return _answer(request, pk, form, act, _("Proofread. Somebody else decides now."))


@login_required
@require_POST
def secrecy(request: HttpRequest, pk: int) -> HttpResponse:
    form = AtForm(request.POST)

    def act() -> str:
        acts.secrecy_pass(
            review_id=pk,
            step_id=form.cleaned_data["step"],
            version=form.cleaned_data["version"],
            words=form.cleaned_data["words"],
            user=request.user,
            now=timezone.now(),
        )
        return reverse("review:sheet", args=[pk])

    return _answer(request, pk, form, act, _("The check for secrets is noted with your name."))


@login_required
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    form = DecisionForm(request.POST)
    done = {
        "approve": _("Passed."),
        "send_back": _("Sent back to its author, with your comments."),
        "refuse": _("Refused; the author reads why."),
    }

    def act() -> str:
        fields = form.cleaned_data
        step_id = fields.pop("step")
        verdict = acts.Verdict(fields.pop("verdict"))
        acts.review_decide(
            review_id=pk,
            step_id=step_id,
            user=request.user,
            verdict=verdict,
            now=timezone.now(),
            **fields,
        )
        return _after(request, ReviewStep.objects.get(pk=step_id))

    return _answer(request, pk, form, act, done.get(request.POST.get("verdict", ""), ""))


@login_required
@require_POST
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    form = CommentForm(request.POST)

    def act() -> str:
        acts.comment_add(
            review_id=pk,
            version=form.cleaned_data["version"],
            user=request.user,
            text=form.cleaned_data["text"],
            second=form.cleaned_data["at"],
            now=timezone.now(),
        )
        return reverse("review:sheet", args=[pk])

    return _answer(request, pk, form, act, _("The comment is kept."))


@login_required
@require_POST
def comment_remove(request: HttpRequest, pk: int, comment_id: int) -> HttpResponse:
    visible(request, pk)
    try:
        acts.comment_remove(comment_id=comment_id, user=request.user)
    except ReviewError as problem:
        messages.warning(request, str(problem))
    return redirect("review:sheet", pk)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def take_lecture_down(request: HttpRequest, lecture_id: int) -> HttpResponse:
    lecture = _lecture(request, lecture_id)
    form = TakeDownForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            take_down(
                lecture=lecture,
                user=request.user,
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
            )
        except ReviewError as problem:
            form.add_error(None, str(problem))
        else:
            text = _("“%(title)s” is taken down. Members no longer see it; what was watched stays.")
            messages.success(request, text % {"title": lecture.title})
            return redirect("review:take_down", lecture.pk)
    review = Review.objects.filter(lecture=lecture).first()
    context = {
        "nav": "review",
        "lecture": lecture,
        "form": form,
        "review": review,
        "in_review": review is not None and review.state in UNFINISHED,
        "present": lecture.take_downs.filter(lifted_at=None).select_related("by").first(),
        "history": lecture.take_downs.exclude(lifted_at=None).select_related("by", "lifted_by"),
    }
    status = UNFIT if form.errors else 200
    return render(request, "cms/review/take_down.html", context, status=status)


@login_required
@require_POST
def lift(request: HttpRequest, lecture_id: int) -> HttpResponse:
    lecture = _lecture(request, lecture_id)
    try:
        lecture = take_down_lift(lecture=lecture, user=request.user, now=timezone.now())
    except ReviewError as problem:
        messages.warning(request, str(problem))
    else:
        if lecture.live:
            text = _("“%(title)s” is published again.")
        elif Review.objects.filter(lecture=lecture, state__in=UNFINISHED).exists():
            text = _("“%(title)s” is no longer taken down. Its final review publishes it.")
        else:
            text = _("“%(title)s” is no longer taken down.")
        messages.success(request, text % {"title": lecture.title})
    return redirect("review:take_down", lecture.pk)


def _lecture(request: HttpRequest, lecture_id: int) -> LecturePage:
    lecture: LecturePage = get_object_or_404(
        LecturePage.objects.select_related("organization"), pk=lecture_id
    )
    check_can_publish(request.user, lecture)
    return lecture


def _after(request: HttpRequest, step: ReviewStep) -> str:
    following = next_of(request.user, step)
    if following is None:
        return reverse("review:queue")
    return reverse("review:sheet", args=[following.review_id])


def _answer(
    request: HttpRequest, pk: int, form: Any, act: Callable[[], str], done: str
) -> HttpResponse:
    """Act, and say where to go on; or say what stood in the way, with what was typed."""
    review = visible(request, pk)
    if not form.is_valid():
        problem = " ".join(text for texts in form.errors.values() for text in texts)
        return _problem(request, review, problem, status=UNFIT)
    try:
        where = act()
    except ReviewConflict as conflict:
        return _problem(request, review, str(conflict), status=CONFLICT)
    except ReviewError as problem_met:
        return _problem(request, review, str(problem_met), status=UNFIT)
    except PermissionDenied as refusal:
        return _problem(request, review, str(refusal), status=403)
    if _wants_json(request) and where != reverse("review:queue"):
        return JsonResponse({"next": where, "message": done})
    # Said once, by the page that is shown next.
    messages.success(request, done)
    if _wants_json(request):
        return JsonResponse({"next": where, "message": ""})
    return redirect(where)


def _problem(request: HttpRequest, review: Review, text: str, *, status: int) -> HttpResponse:
    if _wants_json(request):
        return JsonResponse({"message": text}, status=status)
    fresh = visible(request, review.pk)
    typed = {name: request.POST.get(name, "") for name in ("note", "text", "at")}
    return sheet_response(request, fresh, status=status, problem=text, typed=typed)


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "application/json"
