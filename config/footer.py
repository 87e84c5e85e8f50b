"""SITE_FIELDS: what the pages of a government site say of themselves, read from the environment.

Empty fields are left out by the pages.
"""

from typing import Any

NAMES = (
    *("SLOGAN", "ORGANISER", "CONTACT", "FEEDBACK_URL", "FEEDBACK_CONTACT"),
    *("ICP", "ICP_URL", "POLICE_RECORD", "POLICE_URL", "BADGE_URL"),
)
IN_THE_DEMO = {
    "slogan": "朝阳市党员教育在线学习平台",
    "organiser": "（演示）主办单位待填写",
}


def site_fields(env: Any, *, name: str, demo: bool) -> dict[str, str]:
    """SITE_<NAME> by its name in small letters; the demo has words of its own for some."""
    fields = {field.lower(): env.str(f"SITE_{field}", default="") for field in NAMES}
    if demo:
        fields |= {field: fields[field] or words for field, words in IN_THE_DEMO.items()}
    return fields | {"name": name, "site_code": env.str("SITE_CODE", default="")}
