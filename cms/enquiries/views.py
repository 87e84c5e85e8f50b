"""What members see: asking, reporting, suggesting, and how their own stands."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from cms.enquiries.forms import ProblemForm, QuestionForm, SuggestionForm
from cms.enquiries.models import Enquiry
from cms.enquiries.sending import enquiry_send
from cms.enquiries.wording import EnquiryError
from cms.models import LecturePage

PAGE = 20
Kind = Enquiry.Kind


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def questions(request: HttpRequest, lecture_id: int) -> HttpResponse:
    """What was asked on a lecture and answered, one's own that wait, and the form to ask."""
    lecture = _lecture(request, lecture_id)
    form = QuestionForm(request.POST or None)
    if request.method == "POST" and _is_sent(request, form, Kind.QUESTION, lecture):
        messages.success(
            request, _("Your question is sent. Once it is answered, you find the answer here.")
        )
        return redirect("enquiries:questions", lecture.pk)
    asked = Enquiry.objects.filter(lecture=lecture)
    own = asked.filter(sender=request.user.pk, kind=Kind.QUESTION)
    context = {
        "lecture": lecture,
        "form": form,
        "own": own.exclude(state=Enquiry.State.ANSWERED)[:PAGE],
        "page_obj": Paginator(asked.published().order_by("-answered_at", "-pk"), PAGE).get_page(
            request.GET.get("p")
        ),
    }
    return _page(request, "enquiries/questions.html", form, context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def problem(request: HttpRequest, lecture_id: int) -> HttpResponse:
    lecture = _lecture(request, lecture_id)
    form = ProblemForm(request.POST or None)
    if request.method == "POST" and _is_sent(request, form, Kind.PROBLEM, lecture):
        return _thanks(request)
    return _page(request, "enquiries/problem.html", form, {"lecture": lecture, "form": form})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def suggestion(request: HttpRequest) -> HttpResponse:
    form = SuggestionForm(request.POST or None)
    if request.method == "POST" and _is_sent(request, form, Kind.SUGGESTION, None):
        return _thanks(request)
    return _page(request, "enquiries/suggestion.html", form, {"form": form})


@never_cache
@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    own = Enquiry.objects.filter(sender=request.user.pk).select_related("lecture")
    page = Paginator(own, PAGE).get_page(request.GET.get("p"))
    return render(request, "enquiries/mine.html", {"nav": "me", "page_obj": page})


def _thanks(request: HttpRequest) -> HttpResponse:
    messages.success(request, _("Thank you. It is with those responsible; the answer stands here."))
    return redirect("enquiries:mine")


def _lecture(request: HttpRequest, lecture_id: int) -> LecturePage:
    lectures = LecturePage.objects.visible_to(request.user).select_related("organization")
    found: LecturePage = get_object_or_404(lectures, pk=lecture_id)
    return found


def _is_sent(
    request: HttpRequest, form: forms.Form, kind: str, lecture: LecturePage | None
) -> bool:
    if not form.is_valid():
        return False
    try:
        enquiry_send(
            sender=request.user, kind=kind, lecture=lecture, request=request, **form.cleaned_data
        )
    except EnquiryError as refusal:
        form.add_error("text", str(refusal))
        return False
    return True


def _page(
    request: HttpRequest, template: str, form: forms.Form, context: dict[str, Any]
) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, template, {"nav": "library"} | context, status=status)
