"""The demo's organisation tree, accounts and learners.

Names of places are real (data/divisions.csv: GB/T 2260 county codes and the township codes of
the National Bureau of Statistics, 2022); branches and people are invented and marked as such.
"""

import csv
import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from organizations.models import Membership, Organization, Post, User

Kind = Organization.Kind
CITY_CODE, CITY_NAME = "2113", "朝阳市"
DIVISIONS = Path(__file__).parent / "data" / "divisions.csv"
# Two branches each in these townships, so that siblings and strangers exist in every test.
BRANCH_TOWNSHIPS = ("211302100", "211302003", "211321102", "211322101", "211381101", "211382101")
# Read aloud over a telephone without mistakes.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class DemoAccount:
    username: str
    name: str
    label: str
    branch_of: str
    role: str = ""
    unit: str = ""


def branch_code(township: str, number: int) -> str:
    return f"{township}-{number:02}"


HOME_TOWNSHIP = "211302100"
ACCOUNTS = (
    DemoAccount("member", "演示党员", "党员", HOME_TOWNSHIP),
    DemoAccount(
        "secretary",
        "演示支部书记",
        "支部书记",
        HOME_TOWNSHIP,
        Post.Role.SECRETARY,
        branch_code(HOME_TOWNSHIP, 1),
    ),
    DemoAccount(
        "township", "演示乡镇审核员", "乡镇审核员", HOME_TOWNSHIP, Post.Role.REVIEWER, HOME_TOWNSHIP
    ),
    DemoAccount(
        "county", "演示县区审核员", "县区审核员", HOME_TOWNSHIP, Post.Role.REVIEWER, "211302"
    ),
    DemoAccount(
        "curator", "演示资源库编辑", "市级资源库编辑", HOME_TOWNSHIP, Post.Role.CURATOR, CITY_CODE
    ),
    DemoAccount(
        "admin", "演示管理员", "系统管理员", HOME_TOWNSHIP, Post.Role.ADMINISTRATOR, CITY_CODE
    ),
)
LEARNERS_PER_BRANCH = 6


def tree_seed() -> None:
    """City, counties, townships and the example branches; existing units are left alone."""
    known = {unit.code: unit for unit in Organization.objects.all()}
    if CITY_CODE not in known:
        known[CITY_CODE] = Organization.add_root(code=CITY_CODE, name=CITY_NAME, kind=Kind.CITY)

    def ensure(parent: str, code: str, name: str, kind: str) -> None:
        if code not in known:
            # A fresh parent: treebeard counts children on the instance it is given.
            known[parent].refresh_from_db()
            known[code] = known[parent].add_child(code=code, name=name, kind=kind)

    with DIVISIONS.open(encoding="utf-8-sig", newline="") as source:
        for row in csv.DictReader(source):
            ensure(CITY_CODE, row["county_code"], row["county_name"], Kind.COUNTY)
            ensure(row["county_code"], row["township_code"], row["township_name"], Kind.TOWNSHIP)
    for township in BRANCH_TOWNSHIPS:
        for number, ordinal in ((1, "一"), (2, "二")):
            name = f"{known[township].name}第{ordinal}党支部（示例）"
            ensure(township, branch_code(township, number), name, Kind.BRANCH)


def accounts_path() -> Path:
    return Path(settings.LECTERN_VAR) / "demo-accounts.json"


def demo_password() -> str:
    """One password for all demo accounts of this installation, made at random and kept."""
    path = accounts_path()
    if path.exists():
        return str(json.loads(path.read_text())[0]["password"])
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))


def accounts_seed() -> None:
    """One account for each role, and learners without a password."""
    units = {unit.code: unit for unit in Organization.objects.all()}
    new_password = not accounts_path().exists()
    password = demo_password()
    for account in ACCOUNTS:
        user = User.objects.filter(username=account.username).first()
        if user is None:
            user = User.objects.create_user(
                username=account.username,
                password=password,
                name=account.name,
                is_demo=True,
                activated_at=timezone.now(),
            )
        elif new_password:
            user.set_password(password)
            user.save(update_fields=["password"])
        tie(user, units[branch_code(account.branch_of, 1)])
        if account.role:
            Post.objects.get_or_create(
                user=user, role=account.role, organization=units[account.unit], valid_to=None
            )
    unusable = make_password(None)
    for township in BRANCH_TOWNSHIPS[:2]:
        for branch in (1, 2):
            for number in range(1, LEARNERS_PER_BRANCH + 1):
                username = f"learner-{township}-{branch}-{number}"
                user, _made = User.objects.get_or_create(
                    username=username,
                    defaults={
                        "name": f"演示学员{units[township].name[:2]}{branch}-{number}",
                        "password": unusable,
                        "is_demo": True,
                    },
                )
                tie(user, units[branch_code(township, branch)])
    path = accounts_path()
    path.touch(mode=0o600)
    path.write_text(
        json.dumps(
            [
                {"role": a.label, "username": a.username, "name": a.name, "password": password}
                for a in ACCOUNTS
            ],
            ensure_ascii=False,
            indent=1,
        )
    )


def tie(user: User, branch: Organization) -> None:
    Membership.objects.get_or_create(
        user=user,
        kind=Membership.Kind.HOME,
        valid_to=None,
        defaults={"organization": branch},
    )


@transaction.atomic
def people_seed() -> None:
    tree_seed()
    accounts_seed()
