"""A prefecture's entries and figures, filled by statements over whole sets for `report_pages`.

The sums come by a way of their own; that they are what counting makes of the same entries is for
`report_pages` to check.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from typing import Any

PEOPLE, BRANCHES = 200_000, 5_000
MONTHS, LECTURES = 24, 400
ENROLLED, ITEMS = 50_000, 5  # of the class: learners, lectures


def fill(parts: int) -> None:
    from django.core.management import call_command
    from django.db import connection

    from benchmarks.prefecture import prefecture_fill
    from lms.reports.class_tallies import runs_count
    from tests.factories import (
        ClassItemFactory,
        LecturePageFactory,
        TrainingClassFactory,
        UserFactory,
    )

    call_command("migrate", verbosity=0, interactive=False)
    started = time.perf_counter()
    city = prefecture_fill(people=PEOPLE // parts, branches=max(BRANCHES // parts, 20))
    UserFactory(username="reader", officer=True, unit=city)
    first = LecturePageFactory(organization=city)
    lectures = [first.pk, *(
        LecturePageFactory(organization=city, asset=first.asset).pk for _ in range(LECTURES - 1)
    )]  # fmt: skip
    run = TrainingClassFactory(organization=city)
    for pk in lectures[:ITEMS]:
        ClassItemFactory(training_class=run, lecture_id=pk)
    with connection.cursor() as cursor:
        cursor.execute("SET work_mem = '400MB'")
        cursor.execute("SET maintenance_work_mem = '1GB'")
        cursor.execute("SET session_replication_role = replica")
        for table in ("ledger_creditentry", "reports_tally", "reports_counted"):
            # Nothing is written here that a crash may not take, and reading is the same.
            cursor.execute(f"ALTER TABLE {table} SET UNLOGGED")
        with _without_indexes(cursor, "ledger_creditentry"):
            for statement in ENTRIES_SQL:
                _run(cursor, statement, lectures, run.pk, parts)
        with _without_indexes(cursor, "reports_tally"), _without_indexes(cursor, "reports_counted"):
            for statement in SUMS_SQL:
                _run(cursor, statement, lectures, run.pk, parts)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("RESET work_mem")
    runs_count(all_of_them=True)
    print(f"  1/{parts} filled in {time.perf_counter() - started:.0f} s", file=sys.stderr)


def _run(cursor: Any, statement: str, lectures: list[int], run: int, parts: int) -> None:
    from django.utils import timezone

    today = timezone.localdate()
    last = today.year * 12 + today.month - 1
    started = time.perf_counter()
    cursor.execute(
        statement,
        {
            "first": last - MONTHS + 1, "last": last, "lectures": lectures, "n": len(lectures),
            "run": run, "enrolled": ENROLLED // parts, "year": today.year, "items": ITEMS,
        },
    )  # fmt: skip
    print(
        f"    {time.perf_counter() - started:5.0f} s  {' '.join(statement.split())[:70]}",
        file=sys.stderr,
        flush=True,
    )


@contextlib.contextmanager
def _without_indexes(cursor: Any, table: str) -> Iterator[None]:
    """Made again in one go afterwards, as a restore does."""
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT IN "
        "(SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass)",
        [table, table],
    )
    made = cursor.fetchall()
    for name, _definition in made:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    for _name, definition in made:
        cursor.execute(definition)
    cursor.execute(f"ANALYZE {table}")


# Who is at home where, with the units above; `number` counts people.
PEOPLE_SQL = """
CREATE TEMPORARY TABLE bench_people AS
SELECT row_number() OVER (ORDER BY tie.user_id) AS number, tie.user_id AS person,
  tie.organization_id AS branch, unit.path,
  EXISTS (SELECT 1 FROM organizations_tag AS tag
    WHERE tag.user_id = tie.user_id AND tag.value = 'exempt' AND tag.valid_to IS NULL) AS exempt,
  (EXISTS (SELECT 1 FROM organizations_post AS post
    WHERE post.user_id = tie.user_id AND post.role = 'secretary'))::int AS category
FROM organizations_membership AS tie
JOIN organizations_organization AS unit ON unit.id = tie.organization_id
WHERE tie.kind = 'home' AND tie.valid_to IS NULL
"""
# Three to seven things in most months of each person, none twice.
ENTRIES_SQL = (
    PEOPLE_SQL,
    "ANALYZE bench_people",
    """
CREATE TEMPORARY TABLE bench_facts AS
SELECT person, branch, number, month, seq,
  (%(lectures)s::bigint[])[1 + (number * 37 + seq) %% %(n)s] AS lecture,
  CASE WHEN seq %% 7 = 3 THEN 2 WHEN seq %% 7 = 5 THEN 3 ELSE 1 END AS kind,
  25 * (1 + seq %% 3) AS hours,
  make_timestamptz(month / 12, month %% 12 + 1, 1 + (number + extra * 5)::int %% 28, 8 + extra,
    (number %% 60)::int, 0, 'Asia/Shanghai') AS at
FROM (
  SELECT person, branch, number, %(first)s + n AS month, n * 7 + extra AS seq, extra
  FROM bench_people CROSS JOIN generate_series(0, %(last)s - %(first)s) AS n
  CROSS JOIN generate_series(0, 6) AS extra
  WHERE number %% 11 <> 4 AND (number * 31 + n * 17) %% 13 <> 5
    AND extra <= 2 + (number + n * 3) %% 6
) AS things
""",
    """
INSERT INTO ledger_creditentry (user_id, source, source_key, subject, rule_version, turn, kind, at,
  year, hours, full_hours, seconds, cut, length, windows, spans, organization_id, reason, booked_at,
  seal)
SELECT person, 'completion', number * 1000 + seq, lecture, 1, 0,
  (ARRAY['self_study', 'class', 'collective'])[kind], at, month / 12, hours / 100.0, hours / 100.0,
  840, 0, 840, moments, moments, branch, '', at, md5(number::text) || md5(seq::text)
FROM (
  SELECT *, ('[[' || (extract(epoch FROM at)::bigint - 840) || ', '
    || extract(epoch FROM at)::bigint || ']]')::jsonb AS moments FROM bench_facts
) AS facts
""",
    """
INSERT INTO classes_enrolment (training_class_id, user_id, organization_id, origin, enrolled_at,
  completed_at, completion_rule, evidence, seal)
SELECT %(run)s, person, branch, 'rule', now(), CASE WHEN number %% 5 < 3 THEN now() END,
  CASE WHEN number %% 5 < 3 THEN 'unknown-0' ELSE '' END, '{}', ''
FROM bench_people ORDER BY number LIMIT %(enrolled)s
""",
    """
INSERT INTO watching_completion (user_id, lecture_id, asset_id, completed_at, rule_version, covered,
  is_logged)
SELECT person, item.id, (SELECT asset_id FROM cms_lecturepage WHERE page_ptr_id = item.id), now(),
  1, 840, true
FROM (SELECT * FROM bench_people ORDER BY number LIMIT %(enrolled)s) AS people
CROSS JOIN unnest((%(lectures)s::bigint[])[1:%(items)s]) AS item (id)
WHERE (number + item.id) %% 3 < 2
""",
)
_ABOVE = "JOIN bench_above AS above ON above.branch = base.branch"
SUMS_SQL = (
    """
CREATE TEMPORARY TABLE bench_above AS
SELECT branch.id AS branch, unit.id AS unit, unit.path, unit.id = branch.id AS own,
  left(branch.path, -4) AS parent
FROM organizations_organization AS branch
JOIN organizations_organization AS unit ON branch.path LIKE unit.path || '%%'
WHERE branch.kind = 'branch'
""",
    "ANALYZE bench_above",
    """
CREATE TEMPORARY TABLE bench_months AS
SELECT person, branch, month, kind, count(*)::int AS times, sum(hours)::bigint AS hours
FROM bench_facts GROUP BY 1, 2, 3, 4
""",
    """
CREATE TEMPORARY TABLE bench_base AS
SELECT branch, item, month, before, count(*) AS people, sum(times) AS times, sum(hours) AS hours,
  count(*) FILTER (WHERE NOT exempt) AS covered
FROM (
  SELECT person, branch, kind AS item, month, times, hours,
    coalesce(lag(month) OVER (PARTITION BY person, kind ORDER BY month), 0) AS before
  FROM bench_months
  UNION ALL
  SELECT person, branch, 0, month, times, hours,
    coalesce(lag(month) OVER (PARTITION BY person ORDER BY month), 0)
  FROM (SELECT person, branch, month, sum(times) AS times, sum(hours) AS hours
    FROM bench_months GROUP BY 1, 2, 3) AS anything
) AS rows JOIN bench_people USING (person, branch) GROUP BY 1, 2, 3, 4
""",
    f"""
INSERT INTO reports_tally (unit_id, what, item, month, before, people, times, hours, counted)
SELECT above.unit, 1, item, month, before, sum(people), sum(times), sum(hours), sum(hours)
FROM bench_base AS base {_ABOVE} GROUP BY 1, 3, 4, 5
""",
    f"""
INSERT INTO reports_tally (unit_id, what, item, month, before, people, times, hours, counted)
SELECT above.unit, 2, 0, month, before, sum(covered), 0, 0, 0
FROM bench_base AS base {_ABOVE} WHERE item = 0 AND covered > 0 GROUP BY 1, 4, 5
""",
    f"""
INSERT INTO reports_tally (unit_id, what, item, month, before, people, times, hours, counted)
SELECT above.unit, 3, exempt::int, 0, 0, count(*), 0, 0, 0
FROM bench_people AS base {_ABOVE} GROUP BY 1, 3
""",
    """
CREATE TEMPORARY TABLE bench_years AS
SELECT person, branch, category, years.year,
  CASE category WHEN 1 THEN 5600 ELSE 3200 END AS target,
  coalesce(sum(hours) FILTER (WHERE month / 12 = years.year), 0)::bigint AS counted
FROM bench_people CROSS JOIN generate_series(%(year)s - 1, %(year)s) AS years (year)
LEFT JOIN bench_months USING (person, branch)
WHERE NOT exempt GROUP BY 1, 2, 3, 4
""",
    f"""
INSERT INTO reports_tally (unit_id, what, item, month, before, people, times, hours, counted)
SELECT above.unit, 4, category, year, 0, count(*), count(*) FILTER (WHERE counted >= target),
  sum(target), sum(counted)
FROM bench_years AS base {_ABOVE} GROUP BY 1, 3, 4
""",
    """
INSERT INTO reports_tally (unit_id, what, item, month, before, people, times, hours, counted)
SELECT above.unit, 5, lecture, month, 0, sum(n), sum(n), 0, 0
FROM (SELECT left(path, -4) AS parent, lecture, month, count(*) AS n
    FROM bench_facts JOIN bench_people USING (person) GROUP BY 1, 2, 3) AS base
  JOIN (SELECT DISTINCT parent, unit FROM bench_above WHERE NOT own) AS above USING (parent)
GROUP BY 1, 3, 4
""",
    """
INSERT INTO reports_counted (user_id, state, home_id, is_asked, months, target, hours, roster,
  entries)
SELECT person, jsonb_build_object(
    'home', home.ids, 'exempt', exempt::int, 'places', CASE WHEN learnt.rows IS NULL AND
      years.rows IS NULL THEN '[]'::jsonb ELSE jsonb_build_array(home.ids) END,
    'learnt', coalesce(learnt.rows, '[]'), 'lessons', coalesce(lessons.rows, '[]'),
    'years', coalesce(years.rows, '[]')),
  people.branch, NOT exempt, coalesce(learnt.months, ''), years.target, coalesce(years.counted, 0),
  0, coalesce(lessons.n, 0)
FROM bench_people AS people
JOIN (SELECT branch, jsonb_agg(unit ORDER BY path) AS ids FROM bench_above GROUP BY 1) AS home
  ON home.branch = people.branch
LEFT JOIN (SELECT person, jsonb_agg(jsonb_build_array(month, kind, 0, times, hours, hours)
    ORDER BY month, kind) AS rows,
  (SELECT string_agg(CASE WHEN n = ANY(array_agg(month)) THEN '1' ELSE '0' END, '' ORDER BY n)
    FROM generate_series(2020 * 12, max(month)) AS n) AS months
  FROM bench_months GROUP BY 1) AS learnt USING (person)
LEFT JOIN (SELECT person, count(*) AS n, jsonb_agg(jsonb_build_array(month, lecture, 0, 1)
  ORDER BY month, lecture) AS rows FROM bench_facts GROUP BY 1) AS lessons USING (person)
LEFT JOIN (SELECT person, jsonb_agg(jsonb_build_array(year, 0, category, target, counted)
    ORDER BY year) AS rows, max(target) FILTER (WHERE year = %(year)s) AS target,
  max(counted) FILTER (WHERE year = %(year)s) AS counted
  FROM bench_years GROUP BY 1) AS years USING (person)
""",
)
