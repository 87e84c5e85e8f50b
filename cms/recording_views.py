"""The page of one recording: its captions, chapters and picture, for its owner and for keepers.

Whose recording it is not gets the answer of one that does not exist.
"""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cms.left_behind import left_behind_at
from cms.permissions import can_publish, why_not
from cms.plain import plain_text
from cms.review.words import check_can_change_words, words_open
from cms.submission_states import asset_submission, lecture_of, with_history
from media_pipeline.captions.cues import MOST_BYTES, CaptionFault
from media_pipeline.captions.messages import caption_sentence
from media_pipeline.captions.models import CaptionTrack
from media_pipeline.captions.tracks import captions_delete, captions_put, captions_vouch
from media_pipeline.chapters.marks import chapters_of, chapters_put
from media_pipeline.chapters.messages import chapter_sentence
from media_pipeline.chapters.reading import LONGEST_TITLE, MOST, ChapterFault, write_chapters
from media_pipeline.chore_models import Chore
from media_pipeline.delivery import playback_for
from media_pipeline.models import VideoAsset
from media_pipeline.posters import NoSuchMoment, poster_choose


class CaptionsForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Caption file"),
        max_length=255,
        help_text=gettext_lazy("SRT or VTT, as exported by a captioning program."),
        widget=forms.FileInput(attrs={"accept": ".srt,.vtt,text/vtt,application/x-subrip"}),
        error_messages={
            "required": gettext_lazy("Please choose a caption file."),
            "empty": gettext_lazy("This file is empty. Please export the captions again."),
        },
    )

    def content(self) -> bytes:
        """The file, and a byte more than allowed when it is larger."""
        data: bytes = self.cleaned_data["file"].read(MOST_BYTES + 1)
        return data


class ChaptersForm(forms.Form):
    lines = forms.CharField(
        label=gettext_lazy("Chapters, one a line"),
        required=False,
        max_length=MOST * (LONGEST_TITLE + 20),
        widget=forms.Textarea(attrs={"rows": 6, "class": "input"}),
        help_text=gettext_lazy(
            "The time, then the title, for instance “1:05 Where we stand”. An empty field takes "
            "all chapters away."
        ),
    )

    def clean_lines(self) -> str:
        return plain_text(self.cleaned_data["lines"])


@login_required
@never_cache
@require_safe
def recording(request: HttpRequest, asset_id: uuid.UUID) -> HttpResponse:
    return _page(request, _asset(request, asset_id))


@login_required
@require_POST
def chapters(request: HttpRequest, asset_id: uuid.UUID) -> HttpResponse:
    asset = _asset(request, asset_id)
    form = ChaptersForm(request.POST)
    if form.is_valid():
        try:
            with words_open(asset=asset, user=request.user):
                found = chapters_put(
                    asset=asset, text=form.cleaned_data["lines"], actor=request.user
                )
        except PermissionDenied as refusal:
            form.add_error("lines", str(refusal))
        except ChapterFault as problem:
            form.add_error("lines", chapter_sentence(problem))
        else:
            if found:
                text = ngettext(
                    "%(n)s chapter is in place.", "%(n)s chapters are in place.", len(found)
                )
                messages.success(request, text % {"n": len(found)})
            else:
                messages.success(request, _("This recording has no chapters now."))
            return redirect("cms:recording", asset.pk)
    return _page(request, asset, chapters_form=form, status=422)


@login_required
@require_POST
def captions_upload(request: HttpRequest, asset_id: uuid.UUID) -> HttpResponse:
    asset = _asset(request, asset_id)
    form = CaptionsForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            with words_open(asset=asset, user=request.user):
                track = captions_put(
                    asset=asset, data=form.content(), actor=request.user, now=timezone.now()
                )
        except PermissionDenied as refusal:
            form.add_error("file", str(refusal))
        except CaptionFault as problem:
            form.add_error("file", caption_sentence(problem))
        else:
            text = _("The captions are in place: %(n)s of them.") % {"n": track.cues}
            messages.success(request, text)
            return redirect("cms:recording", asset.pk)
    return _page(request, asset, form=form, status=422)


@login_required
@require_POST
def captions_remove(request: HttpRequest, asset_id: uuid.UUID) -> HttpResponse:
    asset = _asset(request, asset_id)
    try:
        with words_open(asset=asset, user=request.user):
            deleted = captions_delete(asset=asset, actor=request.user)
    except PermissionDenied as refusal:
        messages.warning(request, str(refusal))
    else:
        if deleted:
            messages.success(request, _("The captions are deleted."))
    return redirect("cms:recording", asset.pk)


@login_required
@require_POST
def captions_confirm(request: HttpRequest, asset_id: uuid.UUID) -> HttpResponse:
    asset = _asset(request, asset_id)
    try:
        check_can_change_words(request.user, asset)
    except PermissionDenied as refusal:
        messages.warning(request, str(refusal))
    else:
        if captions_vouch(asset=asset, actor=request.user, now=timezone.now()):
            messages.success(request, _("Thank you. The captions count as checked now."))
    return redirect("cms:recording", asset.pk)


@login_required
@require_POST
def poster(request: HttpRequest, asset_id: uuid.UUID) -> HttpResponse:
    asset = _asset(request, asset_id)
    try:
        second = float(request.POST.get("second", ""))
        poster_choose(asset=asset, second=second, actor=request.user, now=timezone.now())
    except (ValueError, NoSuchMoment):
        messages.warning(request, _("Please choose a moment of the recording."))
    else:
        messages.success(
            request, _("The picture is being made. It is in place within a few seconds.")
        )
    return redirect("cms:recording", asset.pk)


def _page(
    request: HttpRequest,
    asset: VideoAsset,
    *,
    form: CaptionsForm | None = None,
    chapters_form: ChaptersForm | None = None,
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    lines = write_chapters(chapters_of(asset))
    lecture = lecture_of(asset)
    chores = {chore.kind: chore for chore in Chore.objects.filter(asset=asset)}
    taking = chores.get(Chore.Kind.POSTER_FRAME)
    context = {
        "nav": "upload",
        "title": asset_submission(asset).title,
        "asset": asset,
        "is_owner": asset.owner_id == request.user.pk,
        "lecture_url": lecture.get_url(request) if lecture and lecture.live else "",
        "playback": playback_for(asset, now=now),
        "left_behind_text": left_behind_at(asset, lecture),
        "captions": CaptionTrack.objects.filter(asset=asset).first(),
        "captions_url": reverse("cms:recording_captions", args=[asset.pk]),
        "form": form or CaptionsForm(),
        "chapters_form": chapters_form or ChaptersForm(initial={"lines": lines}),
        "has_chapters": bool(lines),
        # Why the person does not change captions and chapters any more.
        "words_kept": why_not(check_can_change_words, request.user, asset),
        "moments": [{"second": f"{one:.3f}", "at": one} for one in asset.moments],
        "poster_is_made": bool(taking and taking.state == Chore.State.WAITING),
        "poster_failed": bool(taking and taking.state == Chore.State.FAILED),
    }
    return render(request, "cms/recording.html", context, status=status)


def _asset(request: HttpRequest, asset_id: uuid.UUID) -> VideoAsset:
    """A finished recording of one's own, or of a lecture that one may publish."""
    assets = VideoAsset.objects.ready().select_related("package")
    asset: Any = with_history(assets).filter(pk=asset_id).first()
    if asset is None:
        raise Http404
    lecture = lecture_of(asset)
    if asset.owner_id != request.user.pk and not (lecture and can_publish(request.user, lecture)):
        raise Http404
    found: VideoAsset = asset
    return found
