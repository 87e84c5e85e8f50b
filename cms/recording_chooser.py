"""The chooser for a lecture's recording in Wagtail's admin.

Every one of its views starts at `recordings_visible_to`: knowing an id opens nothing.
"""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BaseColumn, Column, DateColumn
from wagtail.admin.views.generic import chooser as views

from cms.choosers import PickOnlyViewSet
from cms.durations import duration_text
from cms.explorer import WIDE
from cms.recordings import recordings_visible_to
from media_pipeline.delivery import poster_for
from media_pipeline.models import VideoAsset, VideoAssetQuerySet

CHOOSABLE = (VideoAsset.State.READY, VideoAsset.State.PROCESSING)


class PosterColumn(BaseColumn):
    """A small poster frame beside the name."""

    cell_template_name = "cms/admin/poster_cell.html"
    request: HttpRequest

    def get_cell_context_data(self, instance: VideoAsset, parent_context: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        context["poster_url"] = poster_for(instance, now=timezone.now())
        context["is_portrait"] = instance.is_portrait
        return context


class RecordingFilterForm(forms.Form):
    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": _("File name or uploader")}),
    )

    is_searching = is_filtering_by_collection = False
    search_query = ""

    def filter(self, recordings: VideoAssetQuerySet) -> VideoAssetQuerySet:
        words = self.cleaned_data.get("q", "").split()
        self.is_searching, self.search_query = bool(words), " ".join(words)
        for word in words:
            recordings = recordings.filter(
                Q(original_name__icontains=word) | Q(owner__name__icontains=word)
            )
        return recordings


class RecordingList:
    """What the modal and its pages of results have in common."""

    request: HttpRequest
    title_column: Column
    filter_form_class = RecordingFilterForm
    ordering = "-created_at"
    per_page = 12

    def get_object_list(self) -> VideoAssetQuerySet:
        recordings = recordings_visible_to(self.request.user).filter(state__in=CHOOSABLE)
        return recordings.select_related("owner").prefetch_related("lectures")

    @property
    def columns(self) -> list[Any]:
        title = self.title_column
        title.label = _("Name")
        return [
            PosterColumn("poster", label=_("Picture"), width="112px"),
            title,
            Column("state", label=_("State"), accessor="get_state_display", width="12%"),
            Column("duration", label=_("Length"), accessor=_duration, width="12%"),
            Column("owner", label=_("Uploaded by"), accessor="owner", width="14%", classname=WIDE),
            DateColumn("created_at", label=_("Uploaded at"), width="14%", classname=WIDE),
            Column("lectures", label=_("Lecture"), accessor=_used_by, width="18%", classname=WIDE),
        ]


def _duration(recording: VideoAsset) -> str:
    return duration_text(recording.duration)


def _used_by(recording: VideoAsset) -> str:
    return "、".join(lecture.title for lecture in recording.lectures.all())


class RecordingChooseView(RecordingList, views.ChooseView):
    pass


class RecordingResultsView(RecordingList, views.ChooseResultsView):
    pass


class RecordingChosenView(views.ChosenView):
    def get_object(self, pk: str) -> VideoAsset:
        try:
            return recordings_visible_to(self.request.user).get(pk=pk)
        except ValidationError as malformed:
            raise VideoAsset.DoesNotExist from malformed


class RecordingsChosenView(views.ChosenMultipleView):
    def get_objects(self, pks: list[str]) -> VideoAssetQuerySet:
        recordings = recordings_visible_to(self.request.user)
        try:
            return recordings.filter(pk__in=pks)
        except ValidationError:
            return recordings.none()


class RecordingChooserViewSet(PickOnlyViewSet):
    """Recordings come in by the upload page only."""

    model = VideoAsset
    choose_one_text = _("Choose the recording")
    choose_another_text = _("Choose a different recording")
    choose_view_class = RecordingChooseView
    choose_results_view_class = RecordingResultsView
    chosen_view_class = RecordingChosenView
    chosen_multiple_view_class = RecordingsChosenView


recording_chooser = RecordingChooserViewSet("recordings")
