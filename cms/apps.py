from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class CmsConfig(AppConfig):
    name = "cms"
    verbose_name = _("Resource library")

    def ready(self) -> None:
        from cms import receivers  # noqa: F401
        from cms.choosers import choosers_start_from_data
        from cms.collections import in_collection
        from cms.finding import cells
        from cms.library import after_migrate
        from cms.personal_data import contribute
        from cms.refusals import refusals_noted
        from cms.sequences import row_finder

        choosers_start_from_data()
        pre_migrate.connect(cells.before_migrate, sender=self)
        post_migrate.connect(cells.after_migrate, sender=self)
        post_migrate.connect(after_migrate, sender=self, dispatch_uid="cms.library_setup")
        contribute()
        refusals_noted()
        row_finder("collection", in_collection)
