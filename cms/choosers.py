"""What the house's choosers share: one picks from a list, nothing is made or edited there.

Which list, and who sees what of it, is each chooser's own.
"""

import json
from typing import Any

from django.urls import URLPattern
from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.widgets.chooser import BaseChooser


def render(
    widget: BaseChooser, name: str, value: Any, attrs: Any = None, renderer: Any = None
) -> SafeString:
    """Wagtail's `BaseChooser.render`, with what it starts with as data: the editor's pages run no
    inline script (static/js/admin/start.js).
    """
    data = widget.get_value_data(value)
    return format_html(
        '{}<template data-start="{}" data-for="{}" data-options="{}"></template>',
        widget.render_html(name, data, attrs),
        widget.js_constructor,
        attrs["id"],
        json.dumps(widget.get_js_init_options(attrs["id"], name, data)),
    )


def choosers_start_from_data() -> None:
    """For every chooser, Wagtail's own too, which no setting or template reaches."""
    BaseChooser.render = render


class PickOnlyWidget(BaseChooser):
    show_edit_link = False


class PickOnlyViewSet(ChooserViewSet):
    icon = "media"
    base_widget_class = PickOnlyWidget

    def inject_view_methods(self, view_class: type, method_names: list[str]) -> type:
        """The views choose their list themselves."""
        return view_class

    def get_urlpatterns(self) -> list[URLPattern]:
        return [pattern for pattern in super().get_urlpatterns() if pattern.name != "create"]
