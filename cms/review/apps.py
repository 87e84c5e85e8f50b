from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ReviewConfig(AppConfig):
    name = "cms.review"
    label = "review"
    verbose_name = _("Review")

    def ready(self) -> None:
        from cms.review import telling  # noqa: F401  (every process knows the causes)
        from cms.review.after_publication import in_library, premium
        from cms.review.personal_data import contribute
        from cms.review.standing import AFTER_PUBLICATION
        from cms.review.wagtail_states import after_migrate, letters_silenced

        post_migrate.connect(after_migrate, sender=self, dispatch_uid="review.workflow_setup")
        contribute()
        letters_silenced()
        AFTER_PUBLICATION.extend([in_library, premium])
