"""How pages are listed in Wagtail's admin: the tree of shelves, and all lectures in one list.

Searching goes by the library's own index, because Wagtail's knows no Chinese words. A
list never names people or units outside the keeper's scope, so Wagtail's filters by person and
site are left out.
"""

from typing import Any

import django_filters
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.ui.tables.pages import BulkActionsColumn, PageStatusColumn, PageTitleColumn
from wagtail.admin.views.pages.listing import ExplorableIndexView, IndexView
from wagtail.admin.viewsets.pages import PageListingViewSet, PageViewSet
from wagtail.admin.widgets.button import Button
from wagtail.models import Page
from wagtail.permissions import page_permission_policy

from cms.curated import Audience, Topic
from cms.durations import duration_text
from cms.finding.results import places
from cms.finding.searching import Mentions, mentions, relevance
from cms.models import LecturePage, Subject
from cms.publishing import scheduled_keys
from cms.review.models import Review
from cms.standing import FLAGS
from media_pipeline.models import VideoAsset

# Columns that a phone has no room for (static/css/admin.css).
WIDE = "wide-only"


class ExplorerFilterSet(WagtailFilterSet):
    latest_revision_created_at = django_filters.DateFromToRangeFilter(
        label=_("Date updated"), widget=DateRangePickerWidget
    )

    class Meta:
        model = Page
        fields: list[str] = []


class TitleColumn(PageTitleColumn):
    """Where something was looked for, with the texts in which it stands."""

    cell_template_name = "cms/admin/title_cell.html"


TITLE = TitleColumn("title", label=_("Title"), sort_key="title", classname="title")


class Searched(IndexView):
    """A list that is searched by the library's index, and says in each row where the words are."""

    # Columns beside the index that a keeper sees.
    also: tuple[str, ...]
    mentions: Mentions | None = None

    def search_queryset(self, queryset: Any) -> Any:
        self.mentions = mentions(queryset, self.search_query or "", also=self.also)
        return self.mentions.pages

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        if self.mentions and self.mentions.words:
            urls = {
                page.pk: (page.get_url(self.request) or "") if page.live else ""
                for page in context["object_list"]
            }
            found = places(self.mentions, urls)
            for page in context["object_list"]:
                page.places = found.get(page.pk, ())
        return context


class ExplorerView(Searched, ExplorableIndexView):
    """Shelves are found by their titles; lectures by all that members find them by, and by the
    title of a draft.
    """

    base_filterset_class = ExplorerFilterSet
    also = ("title", "draft_title")
    base_columns = [
        TITLE if isinstance(column, PageTitleColumn) else column
        for column in ExplorableIndexView.base_columns
    ]


class ExplorerViewSet(PageViewSet):
    model = Page
    index_view_class = ExplorerView
    filterset_class = ExplorerFilterSet


class LectureFilterSet(WagtailFilterSet):
    live = django_filters.ChoiceFilter(
        label=_("Status"),
        choices=[("true", _("Published")), ("false", _("Not published"))],
        method="by_live",
        empty_label=_("All"),
    )
    subject = django_filters.ChoiceFilter(
        label=_("Subject"), choices=Subject.choices, empty_label=_("All")
    )
    standing = django_filters.ChoiceFilter(
        label=_("Decided"),
        choices=[
            ("library", _("In the library")),
            ("no_library", _("Not in the library")),
            ("premium", _("Premium")),
            ("open", _("Open to the public")),
            ("scheduled", _("Publication scheduled")),
        ],
        method="by_standing",
        empty_label=_("All"),
    )
    review = django_filters.ChoiceFilter(
        label=_("Reviews"),
        field_name="review__state",
        choices=[
            (Review.State.REVIEWING, _("In review")),
            (Review.State.SENT_BACK, _("Sent back")),
        ],
        empty_label=_("All"),
    )
    topic = django_filters.ModelChoiceFilter(
        label=_("Topic"), field_name="topics", queryset=Topic.objects.all(), empty_label=_("All")
    )
    audience = django_filters.ModelChoiceFilter(
        label=_("Audience"),
        field_name="audiences",
        queryset=Audience.objects.all(),
        empty_label=_("All"),
    )
    recording = django_filters.ChoiceFilter(
        label=_("Recording"),
        field_name="asset__state",
        choices=VideoAsset.State.choices,
        empty_label=_("All"),
    )
    submitted_at = django_filters.DateFromToRangeFilter(
        label=_("Submitted at"), widget=DateRangePickerWidget
    )

    class Meta:
        model = LecturePage
        fields: list[str] = []

    def by_live(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(live=value == "true")

    def by_standing(self, queryset: Any, name: str, value: str) -> Any:
        if value == "scheduled":
            return queryset.filter(pk__in=scheduled_keys())
        if value == "no_library":
            return queryset.filter(is_in_library=False)
        return queryset.standing(value)


def _decided(lecture: LecturePage) -> str:
    """In the library, premium, open to the public; empty when none of them."""
    return "、".join(str(kind.label) for kind, flag in FLAGS.items() if getattr(lecture, flag))


def _duration(lecture: LecturePage) -> str:
    return duration_text(lecture.asset.duration if lecture.asset else None)


class LectureIndexView(Searched):
    also = ("draft_title", "organization__name")
    results_template_name = "cms/admin/lecture_results.html"
    base_filterset_class = LectureFilterSet
    default_ordering = "-submitted_at"
    page_title = _("Lectures")
    base_columns = [
        BulkActionsColumn("bulk_actions"),
        TITLE,
        Column("organization", label=_("Unit"), width="16%"),
        Column(
            "recording",
            label=_("Recording"),
            accessor="asset.get_state_display",
            width="10%",
            classname=WIDE,
        ),
        Column("duration", label=_("Length"), accessor=_duration, width="10%", classname=WIDE),
        Column("decided", label=_("Decided"), accessor=_decided, width="10%", classname=WIDE),
        DateColumn(
            "submitted_at",
            label=_("Submitted"),
            sort_key="submitted_at",
            width="12%",
            classname=WIDE,
        ),
        PageStatusColumn("status", label=_("Status"), sort_key="live", width="10%"),
    ]

    def order_queryset(self, queryset: Any) -> Any:
        if self.search_query and "ordering" not in self.request.GET:
            return queryset.order_by(relevance(self.search_query), "-submitted_at", "-pk")
        return queryset.order_by(self.ordering or self.default_ordering, "-pk")

    def annotate_queryset(self, pages: Any) -> Any:
        """The rows are lectures already; one join instead of Wagtail's second look-up."""
        pages = pages.select_related("asset", "organization")
        pages = pages.prefetch_related("content_type", "sites_rooted_here")
        return pages.annotate_site_root_state().annotate_approved_schedule()

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        asked = self.request.GET.urlencode()
        url = reverse(lecture_list.get_url_name("workbook"))
        button = Button(_("Export to Excel"), f"{url}?{asked}", icon_name="download", priority=90)
        return [*super().header_more_buttons, button]


class LectureViewSet(PageListingViewSet):
    model = LecturePage
    index_view_class = LectureIndexView
    columns = LectureIndexView.base_columns
    filterset_class = LectureFilterSet
    icon = "media"
    menu_label = _("Lectures")
    menu_name = "lectures"
    menu_order = 110
    add_to_admin_menu = True

    def get_urlpatterns(self) -> list[URLPattern]:
        from cms.listing_workbook import LectureWorkbookView

        workbook = self.construct_view(LectureWorkbookView, **self.get_index_view_kwargs())
        return [*super().get_urlpatterns(), path("workbook/", workbook, name="workbook")]


explorer = ExplorerViewSet()
lecture_list = LectureViewSet("lectures")


def lecture_list_url() -> str:
    return reverse(lecture_list.get_url_name("index"))


def reviews_url(state: str) -> str:
    """The list of the lectures whose reviews stand so."""
    return f"{lecture_list_url()}?review={state}"


def reviews_listed(user: Any) -> Any:
    """The reviews of the lectures that the keeper's list shows."""
    mine = page_permission_policy.explorable_instances(user)
    return Review.objects.filter(lecture__in=mine.order_by().values("pk"))
