"""What the library's search page would show, on the command line."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from wagtail.models import Page

from cms.finding.counting import choice_counts
from cms.finding.facets import FACETS
from cms.finding.results import results
from cms.library import library_root
from cms.listing import Listing, Wish, listing
from cms.models import LecturePage, ShelfPage
from organizations.models import User


class Command(BaseCommand):
    help = "Searches the library and prints what the page would show."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("query", metavar="QUERY")
        parser.add_argument("--json", action="store_true", help="one JSON object")
        parser.add_argument("--page", default="1", help="page of results, 1 by default")
        parser.add_argument("--all", action="store_true", help="all results instead of a page")
        parser.add_argument("--user", metavar="USERNAME", help="as this account sees it")
        parser.add_argument("--place", metavar="CODE", help="on the shelf of the unit of this code")
        for facet in FACETS:
            parser.add_argument(f"--{facet.name}", default="", help=f"filter: {facet.label}")

    def handle(self, *args: Any, **options: Any) -> None:
        place = self.place(options["place"])
        seen = LecturePage.objects.visible_to(self.person(options["user"]))
        lectures = seen.below(place) if options["place"] else seen
        wish = Wish.of({"q": options["query"], **{one.name: options[one.name] for one in FACETS}})
        for facet in FACETS:
            if options[facet.name] != wish.choices[facet.name]:
                raise CommandError(f"--{facet.name}: no such choice")
        if not wish.query:
            raise CommandError("Nothing to look for.")
        shown = listing(place, lectures, wish, number=options["page"])
        if options["all"] and shown.found:
            shown.lectures.object_list = results(
                lectures, shown.found, shown.found.narrowed(wish.picked)
            )
        answer = as_json(wish, shown)
        if options["json"]:
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
            return
        self.stdout.write(f"{answer['count']} · {' '.join(answer['words'])}")
        for result in answer["results"]:
            self.stdout.write(
                f"{result['id']}  {result['marked']['title']}  ({result['found_in']})"
            )
            for moment in result["moments"]:
                self.stdout.write(f"    {moment['second']:>5} s  {moment['marked']}")

    def person(self, username: str | None) -> User:
        """Somebody without any post or unit, unless an account is named: a member at large."""
        if username is None:
            return User(pk=0, is_active=True)
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"No account {username}.")
        return user

    def place(self, code: str | None) -> Page:
        if not code:
            return library_root()
        shelf = ShelfPage.objects.filter(organization__code=code).first()
        if shelf is None:
            raise CommandError(f"No shelf of a unit {code}.")
        return shelf


def as_json(wish: Wish, shown: Listing) -> dict[str, Any]:
    found = shown.found
    counts = choice_counts(shown.cells, wish.picked)
    return {
        "query": wish.query,
        "words": list(found.words) if found else [],
        "by_initials": bool(found and found.by_initials),
        "filters": {name: choice for name, choice in wish.choices.items() if choice},
        "count": shown.count,
        "page": shown.lectures.number,
        "pages": shown.lectures.paginator.num_pages,
        "results": [result.as_json() for result in shown.lectures.object_list],
        "choices": {
            facet.name: {key: count[key] for key in sorted(count, key=str) if key}
            for facet, count in zip(FACETS, counts, strict=True)
        },
    }
