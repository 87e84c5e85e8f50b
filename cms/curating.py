"""The curated lists in Wagtail's admin: topics, audiences, bases, speakers, productions,
collections.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, ObjectList
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.admin.viewsets.model import ModelViewSetGroup

from cms.curated import Audience, Base, LectureCollection, Production, Speaker, Topic
from cms.keeping import KeptForm, KeptIndexView, KeptViewSet
from cms.lecture_chooser import lecture_chooser
from organizations.models import DIMENSIONS, Tag

UNIT = Column("organization", label=_("Kept by"), width="24%")
LECTURES = Column("lecture_count", label=_("Published lectures"), width="14%")


class CountedIndexView(KeptIndexView):
    """With how many published lectures each row has."""

    def get_base_queryset(self) -> QuerySet[Any]:
        rows = super().get_base_queryset()
        return rows.annotate(lecture_count=Count("lectures", filter=Q(lectures__live=True)))


class CollectionIndexView(KeptIndexView):
    def get_base_queryset(self) -> QuerySet[Any]:
        rows = super().get_base_queryset()
        return rows.annotate(lecture_count=Count("items"))


class WordViewSet(KeptViewSet):
    index_view_class = CountedIndexView
    search_fields = ["name"]
    ordering = ["position", "name"]
    list_display = ["name", LECTURES, Column("position", label=_("Order"), width="12%")]
    edit_handler = ObjectList([FieldPanel("name"), FieldPanel("position")])


class TopicViewSet(WordViewSet):
    model = Topic
    name = "topics"
    icon = "tag"


class AudienceForm(WagtailAdminModelForm):
    tags = forms.MultipleChoiceField(
        label=_("Members with the tag"),
        choices=[
            (label, [(value, Tag.Value(value).label) for value in DIMENSIONS[dimension]])
            for dimension, label in Tag.Dimension.choices
        ],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Their home page offers them the menus for this audience. Without a tag its menus are "
            "for everybody."
        ),
    )


class AudienceViewSet(WordViewSet):
    model = Audience
    name = "audiences"
    icon = "group"
    edit_handler = ObjectList(
        [FieldPanel("name"), FieldPanel("position"), FieldPanel("tags")],
        base_form_class=AudienceForm,
    )


class BaseViewSet(KeptViewSet):
    model = Base
    name = "bases"
    icon = "site"
    index_view_class = CountedIndexView
    search_fields = ["name", "place"]
    ordering = ["name", "pk"]
    list_filter = ["level"]
    list_display = [
        "name",
        Column("level", label=_("Level"), accessor="get_level_display", width="12%"),
        UNIT,
        LECTURES,
    ]
    edit_handler = ObjectList(
        [
            FieldPanel("name"),
            FieldPanel("organization"),
            FieldRowPanel([FieldPanel("level"), FieldPanel("place")]),
            FieldPanel("introduction"),
        ],
        base_form_class=KeptForm,
    )


class SpeakerViewSet(KeptViewSet):
    model = Speaker
    name = "speakers"
    icon = "user"
    index_view_class = CountedIndexView
    search_fields = ["name", "office"]
    ordering = ["name", "pk"]
    list_display = [
        "name",
        Column("office", label=_("Office or work"), width="26%"),
        UNIT,
        LECTURES,
    ]
    edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("name"), FieldPanel("office")]),
            FieldPanel("organization"),
            FieldPanel("introduction"),
        ],
        base_form_class=KeptForm,
    )


class ProductionViewSet(KeptViewSet):
    model = Production
    name = "productions"
    icon = "folder-open-inverse"
    index_view_class = CountedIndexView
    search_fields = ["title"]
    ordering = ["-pk"]
    list_display = ["title", UNIT, LECTURES]
    edit_handler = ObjectList(
        [FieldPanel("title"), FieldPanel("organization"), FieldPanel("introduction")],
        base_form_class=KeptForm,
    )


class CollectionViewSet(KeptViewSet):
    model = LectureCollection
    name = "lecture-collections"
    icon = "list-ol"
    index_view_class = CollectionIndexView
    search_fields = ["title"]
    ordering = ["position", "-pk"]
    list_display = [
        "title",
        UNIT,
        Column("lecture_count", label=_("Lectures"), width="12%"),
        BooleanColumn("is_shown", label=_("On show"), width="10%"),
    ]
    edit_handler = ObjectList(
        [
            FieldPanel("title"),
            FieldPanel("organization"),
            FieldPanel("introduction"),
            InlinePanel(
                "items",
                label=_("Lecture"),
                heading=_("Lectures"),
                panels=[FieldPanel("lecture", widget=lecture_chooser.widget_class)],
            ),
            FieldRowPanel([FieldPanel("is_shown"), FieldPanel("position")]),
        ],
        base_form_class=KeptForm,
    )


class CuratedGroup(ModelViewSetGroup):
    menu_label = _("Lists and collections")
    menu_name = "curated"
    menu_icon = "list-ul"
    menu_order = 130
    items = (
        CollectionViewSet,
        ProductionViewSet,
        SpeakerViewSet,
        BaseViewSet,
        TopicViewSet,
        AudienceViewSet,
    )


curated = CuratedGroup()
