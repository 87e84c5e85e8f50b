"""Sentences for what is wrong with a workbook of lecture activities or one of its rows."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from organizations.roster.messages import sentence
from organizations.roster.problems import Message


def column_label(name: str) -> str:
    return {
        "unit": _("Unit"),
        "held_on": _("Date"),
        "title": pgettext("activity", "Title"),
        "speaker": _("Speaker"),
        "place": _("Place"),
        "headcount": _("Headcount"),
        "recording": _("Recording"),
    }[name]


def row_sentence(message: Message) -> str:
    code, facts = message
    if "field" in facts:
        facts = {**facts, "column": column_label(facts["field"])}
    if code == "missing":
        return _("“%(column)s” is empty.") % facts
    if code == "too_long":
        return _("“%(column)s” is longer than %(limit)s characters.") % facts
    if code == "bad_count":
        return _("The headcount is a whole number from 1 to 100,000.")
    if code == "no_header":
        return _(
            "The columns date, title, speaker, place and headcount were not found. Please use the "
            "template, or name the columns so."
        )
    return sentence([code, facts])
