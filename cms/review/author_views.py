"""What the author of a submission asks for: keeping the draft, changing, a new version.

Somebody else's submission is answered like none.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from cms.permissions import check_can_upload
from cms.review.drafts import draft_keep, draft_of, typed_in
from cms.review.errors import ReviewError
from cms.review.models import Review
from cms.review.rounds import review_resubmit, version_announce, version_withdraw
from cms.submission_form import SubmissionForm
from cms.upload_page import upload_response


@login_required
@require_POST
def draft(request: HttpRequest) -> JsonResponse:
    """Keep what is in the form; the answer says when."""
    check_can_upload(request.user)
    number = request.POST.get("lecture", "")
    lecture = _own(request, int(number)).lecture if number.isdecimal() else None
    now = timezone.now()
    draft_keep(user=request.user, lecture=lecture, typed=request.POST.dict(), now=now)
    return JsonResponse({"saved": timezone.localtime(now).strftime("%H:%M")})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, lecture_id: int) -> HttpResponse:
    """Change what was sent back, or hand in another recording."""
    check_can_upload(request.user)
    review = _own(request, lecture_id)
    now = timezone.now()
    if request.method != "POST":
        form = SubmissionForm(initial=_initial(review), user=request.user, present=review.asset)
        return upload_response(request, form, asset=review.asset, change=review)
    form = SubmissionForm(request.POST, request.FILES, user=request.user, present=review.asset)
    is_valid = form.is_valid()
    asset = form.cleaned_data.get("asset")
    # Of what is in review only another recording is handed in; its captions stay as they are read.
    if review.state != Review.State.REVIEWING or (asset and asset.pk != review.asset_id):
        form.captions_take(user=request.user, now=now)
    if is_valid and not form.errors:
        try:
            review = review_resubmit(
                review_id=review.pk,
                user=request.user,
                fields=form.words(),
                asset=asset,
                now=now,
            )
        except ReviewError as problem:
            form.add_error(None, str(problem))
        else:
            text = _("“%(title)s” is handed in again. You see below how far it is.")
            messages.success(request, text % {"title": form.cleaned_data["title"]})
            return redirect("cms:upload")
    return upload_response(request, form, asset=asset or review.asset, change=review, status=422)


@login_required
@require_POST
def announce(request: HttpRequest, lecture_id: int) -> JsonResponse:
    try:
        version_announce(
            review_id=_own(request, lecture_id).pk, user=request.user, now=timezone.now()
        )
    except ReviewError as problem:
        return JsonResponse({"message": str(problem)}, status=409)
    return JsonResponse({})


@login_required
@require_POST
def withdraw(request: HttpRequest, lecture_id: int) -> JsonResponse:
    version_withdraw(review_id=_own(request, lecture_id).pk, user=request.user)
    return JsonResponse({})


def _own(request: HttpRequest, lecture_id: int) -> Review:
    found: Review | None = (
        Review.objects.filter(lecture=lecture_id, uploader=request.user.pk)
        .select_related("lecture", "asset")
        .first()
    )
    if found is None:
        raise Http404
    return found


def _initial(review: Review) -> dict[str, Any]:
    """What was handed in, and over it what was typed since."""
    page = review.lecture.get_latest_revision_as_object()
    initial = {name: getattr(page, name) for name in ("title", "speaker", "subject", "summary")} | {
        "recorded_on": page.recorded_on,
        "audiences": [one.pk for one in page.audiences.all()],
        "script": review.script,
    }
    typed = typed_in(draft_of(review.uploader, review.lecture))
    return initial | typed | {"asset": review.asset_id}
