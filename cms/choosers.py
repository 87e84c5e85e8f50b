"""What the house's choosers share: one picks from a list, nothing is made or edited there.

Which list, and who sees what of it, is each chooser's own.
"""

from django.urls import URLPattern
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.widgets.chooser import BaseChooser


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
