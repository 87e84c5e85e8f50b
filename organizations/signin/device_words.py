"""What a browser says about itself, in the words of somebody who holds the device."""

from __future__ import annotations

from django.utils.translation import gettext as _

# The first mark that stands in the text decides; browsers name their ancestors, too.
PROGRAMS = (
    ("wxwork", "WeCom"),
    ("MicroMessenger", "WeChat"),
    ("HuaweiBrowser", "Huawei"),
    ("MiuiBrowser", "Xiaomi"),
    ("UCBrowser", "UC"),
    ("QQBrowser", "QQ"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)


def _device(agent: str) -> str:
    if "iPad" in agent:
        return _("iPad")
    if "iPhone" in agent:
        return _("iPhone")
    if "HarmonyOS" in agent or "OpenHarmony" in agent:
        return _("HarmonyOS phone")
    if "Android" in agent:
        return _("Android phone") if "Mobile" in agent else _("Android tablet or television")
    if "Windows" in agent:
        return _("Windows computer")
    if "Macintosh" in agent:
        return _("Mac computer")
    return _("Linux computer") if "Linux" in agent else _("Unknown device")


def _program(agent: str) -> str:
    names = {
        "WeCom": _("WeCom"),
        "WeChat": _("WeChat"),
        "Huawei": _("Huawei browser"),
        "Xiaomi": _("Xiaomi browser"),
        "UC": _("UC browser"),
        "QQ": _("QQ browser"),
    }
    for mark, name in PROGRAMS:
        if mark in agent:
            return names.get(name, name)
    return ""


def device_words(agent: str) -> str:
    """For instance "Android phone, WeChat"."""
    device, program = _device(agent), _program(agent)
    if not program:
        return device
    return _("%(device)s, %(program)s") % {"device": device, "program": program}
