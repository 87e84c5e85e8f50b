"""What was decided about a lecture, read-only in its editor: the state, since when, and by whom.

The acts are in `cms.decisions`.
"""

from typing import Any

from wagtail.admin.panels import Panel


class DecidedPanel(Panel):
    class BoundPanel(Panel.BoundPanel):
        template_name = "cms/admin/decided.html"

        def is_shown(self) -> bool:
            """Something that is not saved yet has no past."""
            return super().is_shown() and self.instance.pk is not None

        def get_context_data(self, parent_context: Any = None) -> Any:
            """Newest first; what has ended stays, with who ended it."""
            decided = self.instance.standings.select_related("decided_by", "ended_by")
            return {
                **super().get_context_data(parent_context),
                "standings": decided.order_by("-since", "-pk"),
            }
