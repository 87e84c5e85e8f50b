"""Roster pages of a prefecture of 200,000 people and 5,000 branches, on PostgreSQL.

Every node (the whole, a county, a township, a branch) × filter, alone and together × depth of
paging: queries through the whole stack and the median of server time; and a list within one's
scope against the same list without scope. The test client goes through middleware, views and
templates, as a visit does. A township is looked at by the city's officer and by one of a line unit
whose scope is made of many granted units.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.databases import tell
from benchmarks.figures import Figure
from tests.services import embedded_redis, postgres

ROOT = Path(__file__).resolve().parent.parent
PEOPLE, BRANCHES = 200_000, 5_000
QUERIES, MILLISECONDS, SCOPE_RATIO = 10, 100, 1.2
VISITS = 5
FILTERS = {
    "everybody": "",
    "floating guests": "kind=floating_host",
    "learners": "kind=learner",
    "full members": "stage=full",
    "probationary": "stage=probationary",
    "rural": "field=rural",
    "school": "field=school",
    "all at the end of the tree": "field=government",
    "exempt": "state=exempt",
    "floating": "state=floating_out",
    "first secretaries (0.2 %)": "position=first_secretary",
    "cadres (0.02 %)": "position=organisation_cadre",
    "nobody has it": "position=community_worker",
    "secretaries by post": "role=secretary",
    "not activated": "account=waiting",
    "a common surname": "q=张",
    "a rarer name": "q=赵建",
    "a whole phone": "q=19900000007",
    # Together: large sets that share much, little, or nobody.
    "rural and exempt": "field=rural&state=exempt",
    "school and floating": "field=school&state=floating_out",
    "probationary and exempt (nobody)": "stage=probationary&state=exempt",
    "floating guests, retired": "kind=floating_host&state=retired",
    "rural secretaries, not activated": "field=rural&role=secretary&account=waiting",
    "exempt full members named 张": "stage=full&state=exempt&q=张",
    "rare name, rare position": "q=赵建&position=first_secretary",
    "everything at once": "kind=home&field=rural&stage=full&state=retired&role=any&q=李",
}
# A line unit reads along in every so-manyth township and in scattered branches elsewhere.
GRANTED = {"township": 7, "branch": 20}


@contextlib.contextmanager
def servers() -> Iterator[dict[str, str]]:
    """PostgreSQL and Redis of its own, and the variables that lead to them."""
    with (
        tempfile.TemporaryDirectory(prefix="lectern-bench-") as folder,
        postgres(durable=True) as database,
        embedded_redis(Path(folder)) as redis,
    ):
        yield {
            "LECTERN_VAR": folder,
            "LECTERN_MODE": "test",
            "DATABASE_URL": database,
            "REDIS_URL": redis,
        }


def measure() -> list[Figure]:
    with servers() as addresses:
        # Settings are read once a process; other benchmarks may have read theirs.
        run = [sys.executable, "-m", "benchmarks.roster_pages"]
        with tempfile.TemporaryFile("w+") as answer:
            subprocess.run(run, cwd=ROOT, check=True, stdout=answer, env=os.environ | addresses)
            answer.seek(0)
            return [
                Figure(name, float(value), float(limit), unit)
                for name, value, limit, unit in (line.rstrip("\n").split("\t") for line in answer)
            ]


def figures() -> list[Figure]:
    """In the empty database that the environment names."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from benchmarks.prefecture import prefecture_fill
    from organizations.models import Organization, ScopeGrant

    call_command("migrate", verbosity=0, interactive=False)
    # Pages name their style sheets by the manifest, as in production.
    call_command("collectstatic", verbosity=0, interactive=False)
    # The name by which the test client calls. Its environment would copy each template's context.
    settings.ALLOWED_HOSTS = ["testserver"]
    started = time.perf_counter()
    city = prefecture_fill(people=PEOPLE, branches=BRANCHES)
    print(f"  filled in {time.perf_counter() - started:.0f} s", file=sys.stderr)
    units = Organization.objects.within(city)
    line = city.add_child(code="L1", name="示例系统工委", kind="line", opened_on=city.opened_on)
    ScopeGrant.objects.bulk_create(
        ScopeGrant(holder=line, organization=unit, valid_from=city.opened_on)
        for kind, every in GRANTED.items()
        for unit in units.filter(kind=kind)[::every]
    )
    return nodes_measured(city, line)


def nodes_measured(city: Any, line: Any) -> list[Figure]:
    from django.test import Client

    from organizations.models import Membership, Organization
    from organizations.people.listing import ORDER
    from tests.factories import UserFactory

    units = Organization.objects.within(city)
    officer, line_officer = (UserFactory(officer=True, unit=unit) for unit in (city, line))
    nodes = {
        "city": (officer, city),
        "county": (officer, units.filter(kind="county")[2]),
        "township": (officer, units.filter(kind="township")[80]),
        "township, granted": (line_officer, units.filter(kind="township")[0]),
        "branch": (officer, units.filter(kind="branch")[2_500]),
    }
    found = []
    for node, (reader, unit) in nodes.items():
        client = Client()
        client.force_login(reader)
        rows = Membership.objects.current().filter(organization__in=units.within(unit))
        ids = list(rows.order_by(*ORDER).values_list("pk", flat=True))
        places = {
            "first": "",
            "middle": f"after={ids[len(ids) // 2]}",
            "far": f"after={ids[int(len(ids) * 0.97)]}",
            "back": f"before={ids[int(len(ids) * 0.7)]}",
        }
        worst_queries, worst_time, where = 0, 0.0, ""
        for label, asked in FILTERS.items():
            for place, cursor in places.items():
                url = f"/people/in/{unit.code}/?{asked}&{cursor}"
                queries, milliseconds = visit(client, url)
                worst_queries = max(worst_queries, queries)
                if milliseconds > worst_time:
                    worst_time, where = milliseconds, f"{label}, {place}"
                print(
                    f"  {node:18}{label:33}{place:7}{queries:3} queries {milliseconds:6.1f} ms",
                    file=sys.stderr,
                    flush=True,
                )
        found.append(Figure(f"roster of a {node}: queries, worst", worst_queries, QUERIES))
        name = f"roster of a {node}: median time, worst ({where})"
        found.append(Figure(name, worst_time, MILLISECONDS, "ms"))
    for name, ratio in scope_ratios().items():
        found.append(Figure(f"{name} to the same without scope", ratio, SCOPE_RATIO, "x"))
    return found


def visit(client: object, url: str) -> tuple[int, float]:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    assert isinstance(client, Client)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured), median_of(lambda: client.get(url))


def scope_ratios() -> dict[str, float]:
    """The first page of a county's people with its total: within an officer's scope, and by the
    county alone. As a roster asks for them, and as any other list does; both pay for finding the
    posts.
    """
    from organizations import scope
    from organizations.models import Membership, Organization
    from organizations.people.listing import roster_page, ties_in
    from organizations.people.viewer import Viewer
    from tests.factories import UserFactory

    county = Organization.objects.filter(kind="county")[2]
    officer = UserFactory(officer=True, unit=county)
    ties = Membership.objects.current()

    def roster() -> None:
        roster_page(ties_in(county, viewer=Viewer(user=officer, is_open=False)))

    def scoped() -> None:
        roster_page(ties.within_scope_of(officer))

    def unscoped() -> None:
        roster_page(ties.filter(scope.subtree(county.path, "organization")))

    acts = (roster, scoped, unscoped)
    for act in acts:
        median_of(act)
    # In turns, so that all meet the same noise of the machine.
    rounds = [[once(act) for act in acts] for _ in range(60)]
    in_roster, in_scope, without = (statistics.median(times) for times in zip(*rounds, strict=True))
    return {"roster in scope": in_roster / without, "list in scope": in_scope / without}


def median_of(act: Callable[[], object]) -> float:
    return statistics.median(once(act) for _ in range(VISITS))


def once(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - started)


if __name__ == "__main__":
    tell(figures())
