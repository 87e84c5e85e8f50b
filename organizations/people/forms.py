"""Forms of the acts on people: each parses, offers what can be chosen, and makes one call.

Whether the act is possible is decided by the service; its sentence becomes the form's error.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from organizations import permissions, scope
from organizations.models import DIMENSIONS, Membership, Organization, Post, Tag, User, today
from organizations.people import services
from organizations.people.memberships import REASONS
from organizations.people.persons import LEAVING
from organizations.people.unit_field import UnitField

Kind = Membership.Kind


class DayField(forms.DateField):
    """A day up to today, today by itself."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(widget=widget, initial=today, **kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"max": today().isoformat()}


class ActForm(forms.Form):
    """A form about one person by one actor; `act` does it and returns what to say."""

    def __init__(self, *args: Any, actor: Any, person: User | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.person: Any = person
        self.prepare()

    def prepare(self) -> None:
        """Fill in what depends on the actor and the person."""

    def act(self, request: HttpRequest) -> str:
        raise NotImplementedError

    def choices(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def unit_field(self) -> UnitField:
        field = self.fields["unit"]
        assert isinstance(field, UnitField)
        return field

    def offered_units(self) -> list[Organization]:
        """For the datalist below the unit's field."""
        if "unit" not in self.fields:
            return []
        offered = self.unit_field().offered()
        if offered:
            self.unit_field().widget.attrs["list"] = "units"
        return offered

    def kept(self) -> list[Organization]:
        return scope.managed_units(self.actor, roles=permissions.ROSTER_KEEPERS)


class DetailsForm(ActForm):
    name = forms.CharField(label=pgettext_lazy("person", "Name"), max_length=60)
    phone = forms.CharField(
        label=gettext_lazy("Phone"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "off"}),
        help_text=gettext_lazy("A mobile number. It serves to sign in."),
    )
    code = forms.CharField(
        label=gettext_lazy("Person code"),
        max_length=32,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy(
            "The lasting number of the person in your workbooks. Never an identity-card number."
        ),
    )


class NewForm(DetailsForm):
    kind = forms.ChoiceField(label=gettext_lazy("Belongs here as"))
    on = DayField(label=pgettext_lazy("tie", "Since"))

    def __init__(self, *args: Any, unit: Organization, **kwargs: Any) -> None:
        self.unit = unit
        super().__init__(*args, **kwargs)

    def prepare(self) -> None:
        is_branch = self.unit.kind == Organization.Kind.BRANCH
        kinds = (Kind.HOME, Kind.LEARNER, Kind.HOST) if is_branch else (Kind.LEARNER,)
        self.choices("kind", [(kind, kind.label) for kind in kinds])

    def act(self, request: HttpRequest) -> str:
        self.person = services.person_create(
            actor=self.actor, unit=self.unit, request=request, **self.cleaned_data
        )
        return _("%(name)s was entered.") % {"name": self.person.name}


class ChangeForm(DetailsForm):
    def prepare(self) -> None:
        for name in ("name", "phone", "code"):
            self.fields[name].initial = getattr(self.person, name) or ""
        if not permissions.can_keep_account(self.actor, self.person):
            for name in ("phone", "code"):
                self.fields[name].disabled = True
            self.fields["phone"].help_text = _("You do not change the phone of this account.")
            self.fields["code"].help_text = _("You do not change the code of this account.")

    def act(self, request: HttpRequest) -> str:
        services.person_change(
            actor=self.actor, person=self.person, request=request, **self.cleaned_data
        )
        return _("The details were saved.")


class TransferForm(ActForm):
    unit = UnitField(
        label=gettext_lazy("New branch"),
        help_text=gettext_lazy("Its code or name, also a part of the name."),
    )
    on = DayField(label=gettext_lazy("From this day"))
    end_posts = forms.BooleanField(
        label=gettext_lazy("End the posts in the old branch as well"), required=False
    )

    def prepare(self) -> None:
        self.unit_field().choices_from(within=self.kept(), kinds=(Organization.Kind.BRANCH,))
        home = scope.home_branch(self.person)
        self.posts = list(
            Post.objects.current().filter(user=self.person, organization=home) if home else ()
        )
        if not self.posts:
            del self.fields["end_posts"]
        else:
            self.fields["end_posts"].help_text = "、".join(
                post.get_role_display() for post in self.posts
            )

    def act(self, request: HttpRequest) -> str:
        services.membership_transfer(
            actor=self.actor,
            person=self.person,
            to=self.cleaned_data["unit"],
            on=self.cleaned_data["on"],
            end_posts=self.cleaned_data.get("end_posts", False),
            request=request,
        )
        return _("Transferred to %(name)s.") % {"name": self.cleaned_data["unit"].name}


class TieForm(ActForm):
    kind = forms.ChoiceField(label=gettext_lazy("As"))
    unit = UnitField(
        label=gettext_lazy("Unit"),
        help_text=gettext_lazy("Its code or name, also a part of the name."),
    )
    on = DayField(label=pgettext_lazy("tie", "Since"))

    def prepare(self) -> None:
        kinds = [Kind.HOST, Kind.LEARNER]
        if scope.home_branch(self.person) is None:
            kinds.insert(0, Kind.HOME)
        self.choices("kind", [(kind, kind.label) for kind in kinds])
        # Whoever keeps a person enters where they float to, wherever that is.
        self.unit_field().choices_from(within=None)

    def act(self, request: HttpRequest) -> str:
        services.membership_open(
            actor=self.actor, person=self.person, request=request, **self.cleaned_data
        )
        return _("The tie was entered.")


class TieEndForm(ActForm):
    reason = forms.ChoiceField(label=gettext_lazy("Reason"))
    on = DayField(label=gettext_lazy("From this day"))

    def __init__(self, *args: Any, row: Membership, **kwargs: Any) -> None:
        self.row = row
        super().__init__(*args, **kwargs)

    def prepare(self) -> None:
        reasons = REASONS[Kind(self.row.kind)]
        self.choices("reason", [(reason, reason.label) for reason in reasons])

    def act(self, request: HttpRequest) -> str:
        services.membership_close(
            actor=self.actor, membership=self.row, request=request, **self.cleaned_data
        )
        return _("The tie has ended.")


class TagForm(ActForm):
    value = forms.ChoiceField(label=gettext_lazy("Tag"))
    on = DayField(label=pgettext_lazy("tie", "Since"))

    def prepare(self) -> None:
        labels = dict(Tag.Value.choices)
        held = set(
            Tag.objects.filter(user=self.person, valid_to=None).values_list("value", flat=True)
        )
        groups: list[tuple[Any, Any]] = []
        for dimension, values in DIMENSIONS.items():
            free = [(value, labels[value]) for value in values if value not in held]
            groups.append((Tag.Dimension(dimension).label, free))
        self.choices("value", [("", _("Please choose")), *groups])

    def act(self, request: HttpRequest) -> str:
        services.tag_open(
            actor=self.actor, person=self.person, request=request, **self.cleaned_data
        )
        return _("The tag was entered.")


class TagEndForm(ActForm):
    on = DayField(label=gettext_lazy("From this day"))

    def __init__(self, *args: Any, row: Tag, **kwargs: Any) -> None:
        self.row = row
        super().__init__(*args, **kwargs)

    def act(self, request: HttpRequest) -> str:
        services.tag_close(actor=self.actor, tag=self.row, request=request, **self.cleaned_data)
        return _("The tag has ended.")


class PostForm(ActForm):
    role = forms.ChoiceField(label=gettext_lazy("Post"))
    unit = UnitField(
        label=gettext_lazy("Unit"),
        help_text=gettext_lazy("Its code or name, also a part of the name."),
    )
    on = DayField(label=pgettext_lazy("tie", "Since"))

    def prepare(self) -> None:
        managed = scope.managed_units(self.actor)
        security = scope.holds_post(self.actor, Post.Role.SECURITY)
        # Audit administrators are appointed from the shell alone.
        given = [role for role in Post.Role if role != Post.Role.AUDITOR]
        roles = [(r, r.label) for r in (given if security else permissions.BRANCH_ROLES)]
        self.choices("role", [("", _("Please choose")), *roles])
        self.unit_field().choices_from(within=managed)
        if (home := scope.home_branch(self.person)) is not None:
            self.fields["unit"].initial = home.code

    def act(self, request: HttpRequest) -> str:
        services.post_open(
            actor=self.actor, person=self.person, request=request, **self.cleaned_data
        )
        return _("The post was given.")


class PostEndForm(ActForm):
    on = DayField(label=gettext_lazy("From this day"))

    def __init__(self, *args: Any, row: Post, **kwargs: Any) -> None:
        self.row = row
        super().__init__(*args, **kwargs)

    def act(self, request: HttpRequest) -> str:
        services.post_close(actor=self.actor, post=self.row, request=request, **self.cleaned_data)
        return _("The post has ended.")


class LeaveForm(ActForm):
    reason = forms.ChoiceField(label=gettext_lazy("Reason"))
    on = DayField(label=gettext_lazy("From this day"))

    def prepare(self) -> None:
        reasons: list[tuple[Any, Any]] = [(reason, reason.label) for reason in LEAVING]
        self.choices("reason", [("", _("Please choose")), *reasons])

    def act(self, request: HttpRequest) -> str:
        services.person_leave(
            actor=self.actor, person=self.person, request=request, **self.cleaned_data
        )
        return _("The ties have ended and the account is closed.")
