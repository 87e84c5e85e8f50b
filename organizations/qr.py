"""QR codes: printed on a slip with a one-time code or a handout, shown on a screen."""

import segno
from django.utils.safestring import SafeString, mark_safe


def qr(text: str, css_class: str) -> SafeString:
    """An inline SVG that scales; error level M bears a fold in the paper."""
    drawing = segno.make(text, error="m", micro=False)
    svg = drawing.svg_inline(border=2, omitsize=True, svgclass=css_class, lineclass=None)
    return mark_safe(svg)  # noqa: S308 - drawn by us, holds no text


def qr_picture(text: str) -> str:
    """The same as the address of a picture, for codes that a script draws."""
    drawing = segno.make(text, error="m", micro=False)
    return str(drawing.svg_data_uri(border=2, scale=8, light="#fff"))
