"""Let the log begin anew at the end that it has, after a restore: logged, with a reason."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from audit.anchoring import AnchorRefused, anchor_accept


class Command(BaseCommand):
    help = "Shows where the anchor stands; with --accept anchors the log as it is now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--accept", metavar="REASON", help="why, for instance which restore")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["accept"] is None:
            raise CommandError(
                _('Say why: manage.py audit_anchor --accept "reason". Anchor: %(path)s')
                % {"path": settings.AUDIT_ANCHOR}
            )
        try:
            anchor = anchor_accept(reason=options["accept"])
        except AnchorRefused as problem:
            raise CommandError(str(problem)) from problem
        text = _("The log is anchored at entry %(position)s.")
        self.stdout.write(text % {"position": anchor.position})
