"""Which entries of the log a person may see, and who keeps the log.

Holders of an audit administrator's post at the root see the whole log and nothing else follows
from that post. Everybody may see what concerns the own account.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.utils.translation import gettext as _

from audit.models import AuditEntry, AuditQuerySet
from organizations import scope
from organizations.models import Post, User
from organizations.permissions import passes


def check_can_audit(user: Any) -> None:
    units = scope.managed_units(user, roles=(Post.Role.AUDITOR,))
    if not any(unit.depth == 1 for unit in units):
        raise PermissionDenied(_("Only audit administrators read the log."))


def can_audit(user: Any) -> bool:
    return passes(check_can_audit, user)


def entries_visible_to(user: Any) -> AuditQuerySet:
    """The whole log for its keepers, nothing for anybody else."""
    entries: AuditQuerySet = AuditEntry.objects.all()
    return entries if can_audit(user) else entries.none()


def entries_about(user: Any) -> AuditQuerySet:
    """What this account did and what was done to it."""
    entries: AuditQuerySet = AuditEntry.objects.filter(
        Q(actor=user.pk) | Q(target_type=User._meta.label, target_id=str(user.pk))
    )
    return entries
