"""What the admin's lists of the library have in common: rights that follow posts, and the log.

Every view of a list that units keep starts at what the person keeps: an id from elsewhere opens
nothing. Which lists there are is in `cms.curating` and in the rooms beside.
"""

from __future__ import annotations

from copy import copy
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import Model, ProtectedError, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern
from django.utils.translation import gettext as _
from wagtail.admin import messages
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permission_policies.base import BasePermissionPolicy

from audit import log
from cms.permissions import CURATORS, curates, keeps_words
from cms.shelves import SHELF_KINDS
from organizations import scope
from organizations.models import Organization, Post, User

ACTIONS = {"add", "change", "delete"}


def curator_units(user: Any) -> list[Organization]:
    """Where the person curates; one query a request, for Wagtail asks once for each row."""
    if not hasattr(user, "_curator_units"):
        user._curator_units = scope.managed_units(user, roles=CURATORS)
    found: list[Organization] = user._curator_units
    return found


def curated_units(user: Any) -> QuerySet[Organization]:
    """Open units for which the person may curate, down to townships, in tree order."""
    inside = scope.units_filter(curator_units(user))
    return Organization.objects.open().filter(inside, kind__in=SHELF_KINDS)


class WordPolicy(BasePermissionPolicy):
    """Lists that the prefecture keeps for everybody."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action in ACTIONS and keeps_words(curator_units(user))

    def users_with_any_permission(self, actions: list[str]) -> QuerySet[User]:
        posts = Post.objects.current().filter(role__in=CURATORS)
        return User.objects.filter(is_active=True, pk__in=posts.values("user"))


class UnitPolicy(WordPolicy):
    """What units keep: by the curators of the unit and above."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action in ACTIONS and curates(curator_units(user))

    def user_has_permission_for_instance(self, user: Any, action: str, instance: Any) -> bool:
        return action in ACTIONS and curates(curator_units(user), instance.organization)

    def instances_user_has_any_permission_for(self, user: Any, actions: list[str]) -> QuerySet[Any]:
        return kept_by(self.model, user)


def kept_by(model: type[Model], user: Any) -> QuerySet[Any]:
    inside = scope.units_filter(curator_units(user), field="organization")
    return model._default_manager.filter(inside)


class UnitChoiceField(forms.ModelChoiceField):
    """Units as the indented tree that they are."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{'　' * (obj.depth - 1)}{obj.name}"


class KeptForm(WagtailAdminModelForm):
    """For what belongs to a unit; the first unit one keeps is chosen already."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "organization" in self.fields:
            units = curated_units(self.for_user)
            field = UnitChoiceField(
                units, label=self.fields["organization"].label, empty_label=None
            )
            self.fields["organization"] = field


class Logged:
    """Saving leaves one entry in the log."""

    request: HttpRequest
    audit_action = ""

    def save_instance(self) -> Any:
        with transaction.atomic():
            saved = super().save_instance()  # type: ignore[misc]
            log.record(self.audit_action, target=saved, request=self.request)
        return saved


class Scoped:
    request: HttpRequest
    permission_policy: Any
    model: Any

    def get_queryset(self) -> QuerySet[Any]:
        if isinstance(self.permission_policy, UnitPolicy):
            return kept_by(self.model, self.request.user)
        return self.model._default_manager.all()


class KeptIndexView(generic.IndexView):
    def get_base_queryset(self) -> QuerySet[Any]:
        if isinstance(self.permission_policy, UnitPolicy):
            return kept_by(self.model, self.request.user).select_related("organization")
        return self.model._default_manager.all()


class KeptCreateView(Logged, generic.CreateView):
    audit_action = "curated.create"


class KeptEditView(Logged, Scoped, generic.EditView):
    audit_action = "curated.change"


class KeptDeleteView(Scoped, generic.DeleteView):
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().post(request, *args, **kwargs)
        except ProtectedError:
            text = _("“%(name)s” is still used, so it stays. Please take it out there first.")
            messages.error(request, text % {"name": self.object})
            return redirect(self.index_url_name)

    def delete_action(self) -> None:
        gone = copy(self.object)  # deleting takes the key away
        with transaction.atomic():
            super().delete_action()
            log.record("curated.delete", target=gone, request=self.request)


class KeptViewSet(ModelViewSet):
    """A list in the admin; subclasses name model, policy, columns and fields."""

    index_view_class = KeptIndexView
    add_view_class = KeptCreateView
    edit_view_class = KeptEditView
    delete_view_class = KeptDeleteView
    copy_view_enabled = False
    inspect_view_enabled = False
    add_to_reference_index = False
    search_backend_name = None
    list_per_page = 50

    @property
    def permission_policy(self) -> BasePermissionPolicy:
        units = any(field.name == "organization" for field in self.model._meta.fields)
        return UnitPolicy(self.model) if units else WordPolicy(self.model)

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """Neither history nor usage: the audit log has the one, the library the other."""
        return super().get_common_view_kwargs(
            **{"history_url_name": None, "usage_url_name": None, **kwargs}
        )

    def get_urlpatterns(self) -> list[URLPattern]:
        offered = {"index", "index_results", "add", "edit", "delete"}
        return [pattern for pattern in super().get_urlpatterns() if pattern.name in offered]

    def register_permissions(self) -> None:
        """Rights follow posts, so there is nothing to tick for groups."""
