"""How many days each kind of personal data is kept, read from the environment.

The kinds are `organizations.privacy.retention.Kind`; docs/privacy.md explains them.
"""

from typing import Any

from django.core.exceptions import ImproperlyConfigured

DEFAULT_DAYS = {
    "credentials": 30,
    "sessions": 0,
    "corrections": 365,
    "enquiries": 365,
    "notices": 180,
    "roster_imports": 30,
    "unfinished_watching": 3 * 365,
    "viewing_checks": 365,
    "voided_lists": 365,
    "left_people": 3 * 365,
}


def retention_days(env: Any) -> dict[str, int | None]:
    """RETENTION_<KIND>_DAYS; an empty value keeps that kind for good."""
    return {kind: _days(env, kind, default) for kind, default in DEFAULT_DAYS.items()}


def _days(env: Any, kind: str, default: int) -> int | None:
    name = f"RETENTION_{kind.upper()}_DAYS"
    text = env.str(name, default=str(default)).strip()
    if text and not (text.isascii() and text.isdecimal()):
        raise ImproperlyConfigured(f"{name} must be a number of days, or empty.")
    return int(text) if text else None
