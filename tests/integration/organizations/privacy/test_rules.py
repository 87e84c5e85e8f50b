"""Every field that belongs to a person has a declared fate. Generated from Django's registry."""

import pytest
from django.apps import apps
from django.db.models import Model

from organizations.models import User
from organizations.privacy.rules import Fate, Rule, all_rules, declare

# Columns of these names hold personal data wherever they are.
PERSONAL_NAMES = {
    *("phone", "mobile", "email", "address", "ip", "ip_address", "user_agent", "birthday"),
    *("id_number", "person_name", "full_name", "phone_number", "raw", "cells"),
}


def names_people(model: type[Model]) -> set[str]:
    """The model's own relations to an account; "pk" for the account itself."""
    own = [*model._meta.local_fields, *model._meta.local_many_to_many]
    found = {field.name for field in own if field.related_model is User}
    return found | ({"pk"} if model is User else set())


def fields_of(model: type[Model]) -> set[str]:
    own = [*model._meta.local_fields, *model._meta.local_many_to_many]
    return {field.name for field in own if not (field.primary_key and field.name == "id")}


def personal_models() -> list[type[Model]]:
    found = []
    for model in apps.get_models(include_auto_created=True):
        # Joining tables of a many-to-many relation are cleared with it.
        if model._meta.auto_created:
            continue
        suspicious = {field.name for field in model._meta.local_fields} & PERSONAL_NAMES
        if names_people(model) or suspicious:
            found.append(model)
    return found


RULES = {rule.label: rule for rule in all_rules()}


@pytest.mark.parametrize("model", personal_models(), ids=lambda model: model._meta.label)
def test_a_model_that_names_people_says_what_becomes_of_each_field(model):
    rule = RULES.get(model._meta.label)
    assert rule is not None, f"{model._meta.label} names people: declare its fate (privacy/rules)."

    assert set(rule.people) == names_people(model) or not names_people(model)
    declared = {*rule.people, *rule.clear, *rule.rest} - {"pk"}
    primary = {model._meta.pk.name}
    assert declared - primary == fields_of(model) - primary


@pytest.mark.parametrize("rule", [r for r in RULES.values() if r.model()], ids=lambda r: r.label)
def test_a_rule_can_be_followed(rule: Rule):
    model = rule.model()
    for relation, fate in rule.people.items():
        if fate is Fate.DETACH:
            assert model._meta.get_field(relation).null
        if fate is Fate.KEEP and set(rule.people.values()) == {Fate.KEEP}:
            assert rule.why, f"{rule.label}: what stays needs a reason."
    for name in rule.clear:
        model._meta.get_field(name)


def test_a_model_is_declared_once():
    with pytest.raises(ValueError, match="before"):
        declare("organizations.Tag", {"user": Fate.DELETE})


def test_emptied_fields_need_a_relation_that_says_so():
    with pytest.raises(ValueError, match="emptied"):
        declare("nobody.Nothing", {"user": Fate.CLEAR})
