"""The sentences for what is wrong or worth knowing about a file and its rows.

Codes are stored, sentences are made when they are shown, in the language of whoever looks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, pgettext_lazy

FIELDS = {
    "code": pgettext_lazy("column", "code"),
    "name": pgettext_lazy("column", "name"),
    "phone": gettext_lazy("phone"),
    "unit": gettext_lazy("unit"),
    "unit_name": gettext_lazy("unit's name"),
    "kind": gettext_lazy("kind"),
    "stage": gettext_lazy("stage"),
    "field": gettext_lazy("field of work"),
    "position": gettext_lazy("position"),
    "state": gettext_lazy("state"),
    "since": gettext_lazy("from"),
    "until": gettext_lazy("left on"),
    "leaving": gettext_lazy("reason of leaving"),
    "is_active": gettext_lazy("account"),
    "parent": gettext_lazy("superior unit"),
}

SENTENCES = {
    # the file
    "empty_file": gettext_noop("The file is empty."),
    "file_too_large": gettext_noop(
        "The file is larger than %(limit)s MB. Please split it into several files."
    ),
    "damaged": gettext_noop(
        "The file is damaged or not a workbook. Please open it in Excel or WPS, save it as .xlsx "
        "and upload that."
    ),
    "not_a_workbook": gettext_noop(
        "This is not a workbook. Please upload an Excel or WPS file (.xlsx, .xls, .et) or CSV."
    ),
    "encrypted": gettext_noop(
        "The file is protected by a password. Please take the password off and upload it again."
    ),
    "external_links": gettext_noop(
        "The file takes data from other files. Please paste them as values, save and upload again."
    ),
    "macros": gettext_noop("The file has macros. Please save it as .xlsx and upload that."),
    "unpacks_too_large": gettext_noop(
        "The file holds far more than a roster needs. Please copy the list into the template."
    ),
    "too_many_rows": gettext_noop(
        "The file has more than %(limit)s rows. Please split it into several files."
    ),
    "too_many_columns": gettext_noop(
        "Something stands far to the right of the list, beyond %(limit)s columns. Please copy the "
        "list into the template."
    ),
    "no_rows": gettext_noop("The file has no rows. The list belongs on the first visible sheet."),
    "no_header": gettext_noop(
        "The header row was not found. The first 30 rows must hold one with 姓名 and 人员编号 (or "
        "手机号码, 支部编码); for units 组织编码 and 组织名称. The template shows it."
    ),
    "column_twice": gettext_noop("The column %(label)s is there twice. Please keep one of them."),
    "identity_column": gettext_noop(
        "The file has a column %(label)s. Identity-card numbers are not kept here: please delete "
        "the column and upload the file again."
    ),
    "columns_ignored": gettext_noop("These columns are not read: %(labels)s."),
    "password_column": gettext_noop(
        "The password column is not read. Nobody signs in with a password from a file; issue "
        "one-time credentials instead."
    ),
    "too_many_foreign": gettext_noop(
        "More than %(limit)s rows name people of other units. Please take them out and upload the "
        "rest; transfers are for the unit above."
    ),
    "asked_too_often": gettext_noop(
        "Your files and entries have named many people of other units lately. Please take those "
        "rows out and upload the file again in some hours; transfers are for the unit above."
    ),
    "not_kept": gettext_noop("You do not keep the roster of this unit."),
    "gave_up": gettext_noop(
        "The work stopped three times without getting on. Please try again later or tell your "
        "administrator."
    ),
    # cells
    "rounded": gettext_noop(
        "%(column)s: Excel has rounded a number of more than 15 digits. Please set the column to "
        "text and type it again."
    ),
    "exponent": gettext_noop(
        "%(column)s: %(value)s has lost its digits. Please set the column to text and type the "
        "number again."
    ),
    "not_a_number": gettext_noop("%(column)s: this is not a number."),
    "bad_code": gettext_noop(
        "%(column)s: a code has letters, digits, hyphens and dots only, at most 32."
    ),
    "bad_phone": gettext_noop("Phone: a mobile number has 11 digits and begins with 1."),
    "bad_name": gettext_noop("%(column)s: this is not a name."),
    "name_too_long": gettext_noop("%(column)s: at most %(limit)s characters."),
    "name_missing": gettext_noop("The name is missing."),
    "identity_number": gettext_noop(
        "%(column)s: this looks like an identity-card number. They are not kept here; please take "
        "it out."
    ),
    "bad_date": gettext_noop("%(column)s: please write the date like 2024-09-03 or 2024.9."),
    "year_only": gettext_noop("%(column)s: the month is missing. Write 2024.9, for example."),
    "month_or_october": gettext_noop(
        "%(column)s: %(value)s may mean January or October. Please write 2024-01 or 2024-10."
    ),
    "date_in_future": gettext_noop("%(column)s: the date lies in the future."),
    "dates_out_of_order": gettext_noop("The day of leaving lies before the first day."),
    "unknown_word": gettext_noop(
        "%(column)s: “%(word)s” is not known. The template lists the words."
    ),
    # rows of people
    "unit_unknown": gettext_noop("There is no unit “%(unit)s” within your units."),
    "unit_outside": gettext_noop("You do not keep the unit %(unit)s."),
    "unit_closed": gettext_noop("%(unit)s is closed."),
    "unit_name_ambiguous": gettext_noop(
        "Several units are called “%(unit)s”. Please give the unit's code."
    ),
    "unit_name_differs": gettext_noop("The code belongs to %(name)s; the code counts."),
    "unit_missing": gettext_noop("The branch is missing. Give its code or full name."),
    "not_a_branch": gettext_noop("%(unit)s is no branch. Members belong to a branch."),
    "person_outside": gettext_noop(
        "This code or phone belongs to somebody outside your units. Please ask the unit above "
        "for a transfer."
    ),
    "person_erased": gettext_noop("The record with this code was erased. Please use a new code."),
    "phone_taken": gettext_noop("This phone belongs to somebody else in the roster."),
    "phone_other_name": gettext_noop(
        "This phone belongs to somebody of another name. Give the person code, so that it is "
        "clear who is meant."
    ),
    "phone_hidden": gettext_noop(
        "The phone is masked, and nobody with this code is on record. Please give the whole number."
    ),
    "account_not_kept": gettext_noop(
        "This person holds a post that you do not give, so phone and code cannot be changed here."
    ),
    "own_record": gettext_noop(
        "Nobody changes their own record. Please ask those who keep the unit above."
    ),
    "phone_stays": gettext_noop(
        "Somebody who comes back keeps the phone on record. Please change it afterwards."
    ),
    "namesake": gettext_noop(
        "%(unit)s has somebody of this name already. Give a person code or a phone."
    ),
    "twice_in_file": gettext_noop("The same person is in row %(row)s already."),
    "leaves_unknown": gettext_noop("Nobody is on record here who could leave."),
    "leaves_everything": gettext_noop(
        "Other ties of this person, as a guest or learner, end on the same day."
    ),
    "leaver_holds_post": gettext_noop(
        "This person holds a post. Please end it on the person's page first."
    ),
    "home_already": gettext_noop("%(unit)s is this person's home branch already."),
    "leaves_before_since": gettext_noop("Leaving lies before the first day there, %(since)s."),
    "second_home": gettext_noop(
        "This person belongs to a branch outside your units. Please ask the unit above for a "
        "transfer."
    ),
    "transfer_before_since": gettext_noop(
        "The transfer lies before the first day in the present branch, %(since)s."
    ),
    "transfer_date_missing": gettext_noop(
        "The branch has changed but not the day. Give the day of the transfer, or leave it empty "
        "for today."
    ),
    "dates_overlap": gettext_noop("Until %(until)s this person belonged to another branch."),
    "changed_since_check": gettext_noop(
        "The roster has changed since the check. Please import this row again."
    ),
    # rows of units
    "code_missing": gettext_noop("The code is missing."),
    "kind_missing": gettext_noop("The kind of unit is missing."),
    "kind_differs": gettext_noop("The kind of a unit does not change."),
    "parent_missing": gettext_noop("The code of the superior unit is missing."),
    "parent_unknown": gettext_noop("There is no unit with the code %(parent)s."),
    "parent_refused": gettext_noop("The superior unit in row %(row)s was refused."),
    "unit_not_kept": gettext_noop("You do not keep this unit."),
    "parent_not_kept": gettext_noop("You do not keep the units below %(parent)s."),
    "cannot_stand_there": gettext_noop("A unit of this kind cannot stand there."),
    "circle": gettext_noop("The unit would stand below itself."),
    "code_twice": gettext_noop("The same code is in row %(row)s already."),
    "tree": gettext_noop("%(text)s"),
}

_DATES = ("since", "until")


def sentence(message: Sequence[Any]) -> str:
    """The sentence of one stored message."""
    code, params = message[0], dict(message[1]) if len(message) > 1 else {}
    if "column" in params:
        params["column"] = str(FIELDS.get(params["column"], params["column"]))
    for name in _DATES:
        if params.get(name):
            params[name] = date_format(dt.date.fromisoformat(params[name]))
    if "labels" in params:
        params["labels"] = "、".join(params["labels"])
    return str(_(SENTENCES[code]) % params)


def sentences(messages: Iterable[Sequence[Any]]) -> str:
    return " ".join(sentence(message) for message in messages)


def field_label(name: str) -> str:
    return str(FIELDS.get(name, name))
