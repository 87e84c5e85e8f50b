"""Read scope granted to a line unit over a unit elsewhere in the tree."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from audit import log
from organizations.models import Organization, ScopeGrant, today
from organizations.units import rules
from organizations.units.placing import tree_lock
from organizations.units.rules import TreeError, still_in_force


@transaction.atomic
def grant_open(
    *,
    actor: Any,
    holder: Organization,
    organization: Organization,
    on: dt.date | None = None,
    request: HttpRequest | None = None,
) -> ScopeGrant:
    """Let whoever holds a post in a line unit read a unit elsewhere and all below it."""
    day = on or today()
    tree_lock()
    line = Organization.objects.get(pk=holder.pk)
    unit = Organization.objects.get(pk=organization.pk)
    rules.check_is_open(line)
    rules.check_is_open(unit)
    if line.kind != Organization.Kind.LINE:
        raise TreeError(
            _("Read scope is granted to line units only; %(name)s is none.") % {"name": line.name}
        )
    if unit.path.startswith(line.path):
        raise TreeError(
            _("%(name)s stands below %(line)s and is read from there anyway.")
            % {"name": unit.name, "line": line.name}
        )
    rows = ScopeGrant.objects.filter(still_in_force(day), holder=line)
    if any(
        unit.path.startswith(path) for path in rows.values_list("organization__path", flat=True)
    ):
        raise TreeError(
            _("%(line)s reads %(name)s already.") % {"line": line.name, "name": unit.name}
        )
    grant = ScopeGrant.objects.create(
        holder=line, organization=unit, granted_by=actor, valid_from=day
    )
    log.record(
        "grant.open", actor=actor, target=grant, request=request, holder=line.pk, unit=unit.pk
    )
    return grant


@transaction.atomic
def grant_close(
    *,
    actor: Any,
    grant: ScopeGrant,
    on: dt.date | None = None,
    request: HttpRequest | None = None,
) -> ScopeGrant:
    """End a granted scope from a day on. Idempotent."""
    day = on or today()
    tree_lock()
    found = ScopeGrant.objects.get(pk=grant.pk)
    if found.valid_to is not None and found.valid_to <= day:
        return found
    found.valid_to = max(day, found.valid_from)
    found.save(update_fields=["valid_to"])
    log.record(
        "grant.close",
        actor=actor,
        target=found,
        request=request,
        holder=found.holder_id,
        unit=found.organization_id,
    )
    return found
