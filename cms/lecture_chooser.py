"""The chooser for lectures in Wagtail's admin: for classes, collections, menus.

They may use any published lecture of the library, also those of other units, so this is not
Wagtail's page chooser, which shows keepers their own shelves. Each of its views starts at
`visible_to`.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.generic import chooser as views

from cms.choosers import PickOnlyViewSet, PickOnlyWidget
from cms.durations import duration_text
from cms.models import LecturePage, LecturePageQuerySet


class LectureFilterForm(forms.Form):
    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": _("Title, speaker or summary")}),
    )

    is_searching = is_filtering_by_collection = False
    search_query = ""

    def filter(self, lectures: LecturePageQuerySet) -> LecturePageQuerySet:
        words = self.cleaned_data.get("q", "")
        self.is_searching, self.search_query = bool(words), words
        return lectures.mentioning(words) if words else lectures


class LectureList:
    """What the modal and its pages of results have in common."""

    request: HttpRequest
    title_column: Column
    filter_form_class = LectureFilterForm
    ordering = "-first_published_at"
    per_page = 12

    def get_object_list(self) -> LecturePageQuerySet:
        return LecturePage.objects.visible_to(self.request.user).for_cards()

    @property
    def columns(self) -> list[Any]:
        title = self.title_column
        title.label = _("Title")
        return [
            title,
            Column("organization", label=_("Unit"), width="22%"),
            Column("speaker", label=_("Speaker"), width="14%"),
            Column("duration", label=_("Length"), accessor=_duration, width="12%"),
            DateColumn("first_published_at", label=_("Published"), width="14%"),
        ]


def _duration(lecture: LecturePage) -> str:
    return duration_text(lecture.asset.duration if lecture.asset else None)


class LectureChooseView(LectureList, views.ChooseView):
    pass


class LectureResultsView(LectureList, views.ChooseResultsView):
    pass


class LectureChosenView(views.ChosenView):
    def get_object(self, pk: str) -> LecturePage:
        return LecturePage.objects.visible_to(self.request.user).get(pk=pk)


class LecturesChosenView(views.ChosenMultipleView):
    def get_objects(self, pks: list[str]) -> LecturePageQuerySet:
        return LecturePage.objects.visible_to(self.request.user).filter(pk__in=pks)


class LectureWidget(PickOnlyWidget):
    def get_instance(self, value: Any) -> LecturePage | None:
        """Names a posted lecture only if it is published or was so once."""
        lecture: LecturePage | None = super().get_instance(value)
        if lecture is None or lecture.live or lecture.first_published_at is not None:
            return lecture
        return None


class LectureChooserViewSet(PickOnlyViewSet):
    """Lectures are made in the library."""

    model = LecturePage
    choose_one_text = _("Choose a lecture")
    choose_another_text = _("Choose another lecture")
    # The page model's own widget stays the page chooser.
    register_widget = False
    base_widget_class = LectureWidget
    choose_view_class = LectureChooseView
    choose_results_view_class = LectureResultsView
    chosen_view_class = LectureChosenView
    chosen_multiple_view_class = LecturesChosenView


lecture_chooser = LectureChooserViewSet("published-lectures")
