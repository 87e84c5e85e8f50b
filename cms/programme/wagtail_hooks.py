"""Menus in Wagtail's admin, kept by the curators of a unit and above."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, ObjectList
from wagtail.admin.ui.tables import BooleanColumn, Column

from cms.curating import UNIT
from cms.keeping import KeptForm, KeptIndexView, KeptViewSet
from cms.lecture_chooser import lecture_chooser
from cms.programme.models import Menu
from cms.programme.ordering import MOST_LECTURES


class MenuIndexView(KeptIndexView):
    def get_base_queryset(self) -> QuerySet[Any]:
        rows = super().get_base_queryset().select_related("audience")
        return rows.annotate(
            lecture_count=Count("items", distinct=True),
            order_count=Count("programmes", distinct=True),
        )


class MenuForm(KeptForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.formsets["items"].error_messages["too_many_forms"] = _(
            "A menu has at most %(num)d lectures. Please take some out, or make a second menu."
        )


class MenuViewSet(KeptViewSet):
    model = Menu
    name = "menus"
    icon = "clipboard-list"
    menu_label = _("Menus")
    menu_name = "menus"
    menu_order = 135
    add_to_admin_menu = True
    index_view_class = MenuIndexView
    search_fields = ["title", "audience__name"]
    ordering = ["audience__position", "title", "pk"]
    list_filter = ["audience"]
    list_display = [
        "title",
        Column("audience", label=_("Audience"), width="16%"),
        UNIT,
        Column("lecture_count", label=_("Lectures"), width="10%"),
        Column("order_count", label=_("Ordered"), width="10%"),
        BooleanColumn("is_offered", label=_("On offer"), width="10%"),
    ]
    edit_handler = ObjectList(
        [
            FieldPanel("title"),
            FieldRowPanel([FieldPanel("organization"), FieldPanel("audience")]),
            FieldPanel("introduction"),
            InlinePanel(
                "items",
                label=_("Lecture"),
                heading=_("Lectures"),
                max_num=MOST_LECTURES,
                panels=[FieldPanel("lecture", widget=lecture_chooser.widget_class)],
            ),
            FieldPanel("is_offered"),
        ],
        base_form_class=MenuForm,
    )


menus = MenuViewSet()


@hooks.register("register_admin_viewset")
def viewsets() -> list[Any]:
    return [menus]
