"""The report of what happened to pages, in Wagtail's admin.

Wagtail offers to filter it by everybody who ever acted anywhere; here it names only those who
acted on the pages shown.
"""

from typing import Any

from wagtail.admin.views.reports.audit_logging import LogEntriesView, SiteHistoryReportFilterSet

from organizations.models import User


class HistoryFilterSet(SiteHistoryReportFilterSet):
    class Meta(SiteHistoryReportFilterSet.Meta):
        pass

    def get_users_queryset(self) -> Any:
        """Without anybody to choose from, the filter by person is left out."""
        return User.objects.none()


class HistoryView(LogEntriesView):
    filterset_class = HistoryFilterSet
