"""The demo's organisation tree: the prefecture with its real divisions, invented branches, line
units, villages with a past, and read scope that one line unit was granted.

Names of places are real (data/divisions.csv: GB/T 2260 county codes and the township codes of
the National Bureau of Statistics, 2022); whatever is invented is marked 示例.
"""

import csv
import datetime as dt
from pathlib import Path

from organizations.models import Organization, ScopeGrant
from organizations.units import tree
from organizations.units.tree import NewUnit

Kind = Organization.Kind
CITY_CODE, CITY_NAME = "2113", "朝阳市"
DIVISIONS = Path(__file__).parent / "data" / "divisions.csv"
HOME_TOWNSHIP = "211302100"
# Two branches each in these townships, so that siblings and strangers exist in every test.
BRANCH_TOWNSHIPS = (HOME_TOWNSHIP, "211302003", "211321102", "211322101", "211381101", "211382101")
# Units that follow no territory.
LINES = (
    ("2113-JG", "市直机关工委（示例）", ("机关第一党支部（示例）", "机关第二党支部（示例）")),
    ("2113-JY", "市委教育工委（示例）", ("示例中学党支部", "示例小学党支部")),
    ("2113-GZ", "市国资委党委（示例）", ("示例水务集团党支部",)),
    ("2113-SG", "市委社会工作部（示例）", ("示例外卖配送党支部", "示例律师事务所党支部")),
)
# Reads the branches of this street: new-sector branches are kept there.
GRANT = ("2113-SG", "211302003")
VILLAGES = ("示例东村", "示例西村", "示例南村")
# A tree made afresh has stood since this day, and two things have happened since.
OPENED = dt.date(2021, 7, 1)
RENAMED, OLD_NAME = dt.date(2023, 3, 1), "示例大队村"
MERGED = dt.date(2025, 1, 1)


def branch_code(township: str, number: int) -> str:
    return f"{township}-{number:02}"


def village_code(number: int) -> str:
    return f"{HOME_TOWNSHIP}-V{number}"


def tree_seed() -> None:
    """Whatever is missing of the demo's tree; existing units are left alone."""
    known = set(Organization.objects.values_list("code", flat=True))
    is_new = CITY_CODE not in known
    rows = [row for row in [*_territory(), *_lines()] if row.code not in known]
    if rows:
        tree.organizations_create(actor=None, rows=rows, on=OPENED if is_new else None)
    if is_new:
        _past()
    holder, unit = (Organization.objects.get(code=code) for code in GRANT)
    if not ScopeGrant.objects.filter(holder=holder, organization=unit).exists():
        tree.grant_open(actor=None, holder=holder, organization=unit)


def _territory() -> list[NewUnit]:
    """Superiors first; a branch after its township, as paths and lists follow this order."""
    rows = [NewUnit(CITY_CODE, CITY_NAME, Kind.CITY, None)]
    counties, names = set(), {}
    with DIVISIONS.open(encoding="utf-8-sig", newline="") as source:
        for row in csv.DictReader(source):
            county, township = row["county_code"], row["township_code"]
            if county not in counties:
                counties.add(county)
                rows.append(NewUnit(county, row["county_name"], Kind.COUNTY, CITY_CODE))
            names[township] = row["township_name"]
            rows.append(NewUnit(township, names[township], Kind.TOWNSHIP, county))
    for township in BRANCH_TOWNSHIPS:
        for number, ordinal in ((1, "一"), (2, "二")):
            name = f"{names[township]}第{ordinal}党支部（示例）"
            rows.append(NewUnit(branch_code(township, number), name, Kind.BRANCH, township))
    for number, name in enumerate(VILLAGES, 1):
        code = village_code(number)
        rows.append(NewUnit(code, name, Kind.VILLAGE, HOME_TOWNSHIP))
        rows.append(NewUnit(f"{code}-01", f"{name}党支部", Kind.BRANCH, code))
    return rows


def _lines() -> list[NewUnit]:
    rows = []
    for code, name, branches in LINES:
        rows.append(NewUnit(code, name, Kind.LINE, CITY_CODE))
        for number, branch in enumerate(branches, 1):
            rows.append(NewUnit(branch_code(code, number), branch, Kind.BRANCH, code))
    return rows


def _past() -> None:
    """One village was called otherwise once, another was merged into it."""
    east, south = (Organization.objects.get(code=village_code(number)) for number in (1, 3))
    tree.organization_rename(actor=None, organization=east, name=OLD_NAME, on=OPENED)
    tree.organization_rename(actor=None, organization=east, name=VILLAGES[0], on=RENAMED)
    tree.organization_merge(actor=None, organization=south, into=east, on=MERGED)
