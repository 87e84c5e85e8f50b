"""What browsers may do with our pages: content security policies and the headers beside them.

Values only; `config.headers` puts them on responses, and deploy/nginx.conf repeats them for what
nginx serves itself (tests/unit/config/test_security.py compares the two). Public pages run
nothing but our own files and scripts with a nonce. Pages under /admin/ have a policy of their
own, since the editor shows its preview in a frame.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

ADMIN = "/admin/"
MEDIA = "/v/"

# What pages of ours never ask for is off for everything that might get into them.
PERMISSIONS = {
    **dict.fromkeys(
        (
            "accelerometer",
            "camera",
            "display-capture",
            "geolocation",
            "gyroscope",
            "magnetometer",
            "microphone",
            "midi",
            "payment",
            "usb",
        ),
        "()",
    ),
    **dict.fromkeys(
        (
            "autoplay",
            "fullscreen",
            "picture-in-picture",
            "publickey-credentials-create",
            "publickey-credentials-get",
        ),
        "(self)",
    ),
}
PERMISSIONS_POLICY = ", ".join(f"{name}={allowed}" for name, allowed in sorted(PERMISSIONS.items()))

# Answers that are no page (JSON, files, recordings) load nothing and run nothing.
NO_PAGE_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
MEDIA_POLICY = NO_PAGE_POLICY + "; sandbox"


def origin(url: str) -> str:
    """`https://host:port` of an address, for a list of sources."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else ""


def provider_origins(providers: dict[str, Any]) -> list[str]:
    """Where our forms lead to when somebody signs in elsewhere: browsers check redirects, too."""
    found = {
        origin(str(value))
        for provider in providers.values()
        for app in provider.get("APPS", ())
        for name, value in app.get("settings", {}).items()
        if name in ("server_url", "web_url", "client_url")
    }
    return sorted(found - {""})


SITE = re.compile(r"https?://(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?", re.ASCII)


def embed_sites(named: list[str]) -> list[str]:
    """Sources for `frame-ancestors`: `https://www.example.gov.cn`, with a port, or `*.` first."""
    found = [site.strip().rstrip("/").lower() for site in named if site.strip()]
    for site in found:
        if not SITE.fullmatch(site):
            raise ImproperlyConfigured(
                f"EMBED_SITES: {site} is no address of a site (https://host)."
            )
    return found


def public_policy(*, media_origins: list[str], form_origins: list[str]) -> dict[str, Any]:
    """Directives for every page but the editor's.

    `media_origins` are stores or networks that deliver recordings beside us. blob: is how
    hls.js hands film to the browser, starts its worker, and how a chosen file is previewed.
    """
    return {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:", *media_origins],
        "font-src": [SELF],
        "media-src": [SELF, "blob:", *media_origins],
        "connect-src": [SELF, *media_origins],
        "worker-src": [SELF, "blob:"],
        "manifest-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF, *form_origins],
        "frame-ancestors": [NONE],
    }


def admin_policy(*, media_origins: list[str]) -> dict[str, Any]:
    """Directives for Wagtail's editor: the same, but its preview is a frame of its own pages.

    What Wagtail would start by inline scripts (date fields, choosers, inline panels) is data in
    our templates, started by static/js/admin/start.js; so no unsafe-inline is needed.
    """
    return public_policy(media_origins=media_origins, form_origins=[]) | {
        "frame-src": [SELF],
        "frame-ancestors": [SELF],
    }
