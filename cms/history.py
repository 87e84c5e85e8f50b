"""Wagtail's reports on what happened to pages and on which are locked.

Wagtail offers to filter them by everybody who ever acted anywhere; here they name only those who
acted on the pages shown. They are not handed out as files (`cms.admin_urls`), so no button offers
that.
"""

from typing import Any

from wagtail.admin.views.reports.audit_logging import LogEntriesView, SiteHistoryReportFilterSet
from wagtail.admin.views.reports.locked_pages import LockedPagesReportFilterSet, LockedPagesView

from organizations.models import User


class HistoryFilterSet(SiteHistoryReportFilterSet):
    class Meta(SiteHistoryReportFilterSet.Meta):
        pass

    def get_users_queryset(self) -> Any:
        """Without anybody to choose from, the filter by person is left out."""
        return User.objects.none()


class HistoryView(LogEntriesView):
    list_export: list[str] = []
    filterset_class = HistoryFilterSet


class LockedFilterSet(LockedPagesReportFilterSet):
    locked_by = None

    class Meta(LockedPagesReportFilterSet.Meta):
        fields = ["locked_at", "live"]


class LockedView(LockedPagesView):
    list_export: list[str] = []
    filterset_class = LockedFilterSet
