"""Classes in Wagtail's admin: who holds them makes them there, with their lectures and learners.

Rights follow posts (`permissions`), never Django's own permissions. Every view starts at the
classes of the person's units: an id from elsewhere opens nothing.
"""

from __future__ import annotations

from copy import copy
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, ObjectList
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permission_policies.base import BasePermissionPolicy

from audit import log
from cms.lecture_chooser import lecture_chooser
from cms.shelves import SHELF_KINDS
from lms.classes.enrolments import unit_enrol
from lms.classes.models import TrainingClass
from lms.classes.permissions import ORGANISERS, can_organise
from organizations import scope
from organizations.models import Organization, Post, User


def organised_units(user: Any) -> QuerySet[Organization]:
    """Open units for which the person may hold classes, down to townships, in tree order."""
    inside = Q(pk__in=())
    for unit in scope.managed_units(user, roles=ORGANISERS):
        inside |= Q(pk=unit.pk) | Q(path__startswith=unit.path, kind__in=SHELF_KINDS)
    return Organization.objects.open().filter(inside)


def organised_classes(user: Any) -> QuerySet[TrainingClass]:
    inside = scope.NOTHING
    for unit in scope.managed_units(user, roles=ORGANISERS):
        inside |= Q(organization__path__startswith=unit.path)
    return TrainingClass.objects.filter(inside)


class ClassPolicy(BasePermissionPolicy):
    def user_has_permission(self, user: Any, action: str) -> bool:
        return action in {"add", "change", "delete"} and can_organise(user)

    def user_has_permission_for_instance(
        self, user: Any, action: str, instance: TrainingClass
    ) -> bool:
        """A class that has learners is part of their record and stays."""
        if action == "delete" and instance.enrolments.exists():
            return False
        return self.user_has_permission(user, action) and can_organise(user, instance.organization)

    def instances_user_has_any_permission_for(
        self, user: Any, actions: list[str]
    ) -> QuerySet[TrainingClass]:
        return organised_classes(user)

    def users_with_any_permission(self, actions: list[str]) -> QuerySet[User]:
        posts = Post.objects.current().filter(role__in=ORGANISERS)
        return User.objects.filter(is_active=True, pk__in=posts.values("user"))


class UnitField(forms.ModelChoiceField):
    """Units as the indented tree that they are."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Organization.objects.none(), **kwargs)

    def label_from_instance(self, obj: Organization) -> str:
        return f"{'　' * (obj.depth - 1)}{obj.name}"


class TrainingClassForm(WagtailAdminModelForm):
    organization = UnitField(label=_("Held by"))
    enrol = UnitField(
        label=_("Enrol everybody of"),
        required=False,
        help_text=_("All members who belong to this unit today. Those enrolled already stay."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = organised_units(self.for_user)
        self.fields["organization"].queryset = units
        self.fields["enrol"].queryset = units


class ScopedMixin:
    request: HttpRequest

    def get_queryset(self) -> QuerySet[TrainingClass]:
        return organised_classes(self.request.user)


class EnrollingMixin:
    """Saving also enrols the unit that was chosen, and leaves one audit entry."""

    request: HttpRequest
    form: Any
    audit_action = ""

    def save_instance(self) -> TrainingClass:
        training_class: TrainingClass = super().save_instance()  # type: ignore[misc]
        unit = self.form.cleaned_data.get("enrol")
        if unit is not None:
            people = unit_enrol(
                training_class=training_class, organization=unit, actor=self.request.user
            )
            text = ngettext(
                "%(count)s person of %(unit)s was enrolled.",
                "%(count)s people of %(unit)s were enrolled.",
                people,
            )
            messages.info(self.request, text % {"count": people, "unit": unit.name})
        log.record(self.audit_action, target=training_class, request=self.request)
        return training_class


class ClassIndexView(generic.IndexView):
    def get_base_queryset(self) -> QuerySet[TrainingClass]:
        open_enrolments = Q(enrolments__withdrawn_at__isnull=True)
        return (
            organised_classes(self.request.user)
            .select_related("organization")
            .annotate(learners=Count("enrolments", filter=open_enrolments))
        )


class ClassCreateView(EnrollingMixin, generic.CreateView):
    audit_action = "training_class.create"


class ClassEditView(ScopedMixin, EnrollingMixin, generic.EditView):
    audit_action = "training_class.change"


class ClassDeleteView(ScopedMixin, generic.DeleteView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.user_has_permission_for_instance("delete", self.object):
            raise PermissionDenied(_("This class has learners; it stays as part of their record."))
        return super().dispatch(request, *args, **kwargs)

    def delete_action(self) -> None:
        gone = copy(self.object)  # deleting takes the key away
        with transaction.atomic():
            super().delete_action()
            log.record("training_class.delete", target=gone, request=self.request)


class TrainingClassViewSet(ModelViewSet):
    model = TrainingClass
    name = "training-classes"
    icon = "group"
    permission_policy = ClassPolicy(TrainingClass)
    index_view_class = ClassIndexView
    add_view_class = ClassCreateView
    edit_view_class = ClassEditView
    delete_view_class = ClassDeleteView
    copy_view_enabled = False
    add_to_reference_index = False
    search_fields = ["title", "organization__name"]
    search_backend_name = None
    ordering = ["-starts_on", "-pk"]
    list_display = [
        "title",
        Column("organization", label=_("Held by"), width="22%"),
        DateColumn("starts_on", label=_("Starts on"), width="14%"),
        DateColumn("ends_on", label=_("Ends on"), width="14%"),
        Column("learners", label=_("Learners"), width="10%"),
    ]
    edit_handler = ObjectList(
        [
            FieldPanel("title"),
            FieldPanel("organization"),
            FieldRowPanel([FieldPanel("starts_on"), FieldPanel("ends_on")]),
            FieldPanel("description"),
            InlinePanel(
                "items",
                label=_("Lecture"),
                heading=_("Lectures"),
                panels=[
                    FieldPanel("lecture", widget=lecture_chooser.widget_class),
                    FieldPanel("kind"),
                ],
            ),
            FieldPanel("electives_needed"),
            FieldPanel("enrol"),
        ],
        base_form_class=TrainingClassForm,
    )

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Neither history nor usage: the audit log has the one, the class itself the other."""
        return super().get_common_view_kwargs(
            **{"history_url_name": None, "usage_url_name": None, **kwargs}
        )

    def get_urlpatterns(self) -> list[URLPattern]:
        offered = {"index", "index_results", "add", "edit", "delete"}
        return [pattern for pattern in super().get_urlpatterns() if pattern.name in offered]

    def register_permissions(self) -> None:
        """Rights follow posts, so there is nothing to tick for groups."""


training_classes = TrainingClassViewSet()
