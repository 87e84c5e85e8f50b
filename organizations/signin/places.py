"""Networks: the neighbourhood of an address, and where an account signed in before.

The log knows the latter, so nothing else is kept for it.
"""

from __future__ import annotations

import datetime as dt
import ipaddress

from django.utils import timezone

from audit.models import AuditEntry
from organizations.signin.devices import LIFETIME


def neighbourhood(address: str | None) -> str:
    """The /24 of an address, or the /64 for IPv6."""
    try:
        known = ipaddress.ip_address(address or "")
    except ValueError:
        return "nowhere"
    if isinstance(known, ipaddress.IPv6Address) and known.ipv4_mapped:
        known = known.ipv4_mapped
    width = 24 if known.version == 4 else 64
    return str(ipaddress.ip_network(f"{known}/{width}", strict=False))


def signed_in_from(account: int, network: str) -> bool:
    """Whether the account signed in from the network, as long ago as a browser is known."""
    entries = AuditEntry.objects.filter(
        actor=account,
        action="account.sign_in",
        result=AuditEntry.Result.DONE,
        at__gte=timezone.now() - dt.timedelta(seconds=LIFETIME),
    )
    # Unordered, so that the account's own entries are found by their index.
    addresses = entries.order_by().values_list("address", flat=True).distinct()
    return any(neighbourhood(address) == network for address in addresses if address)
