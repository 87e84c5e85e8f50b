"""The demo's accounts and learners, all invented and marked 演示. The tree is in `units`."""

import datetime as dt
import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from lms.demo.units import (
    BRANCH_TOWNSHIPS,
    CITY_CODE,
    CITY_NAME,
    DIVISIONS,
    HOME_TOWNSHIP,
    branch_code,
    tree_seed,
)
from organizations.models import Membership, Organization, Post, Tag, User, dimension_of

__all__ = [
    "ACCOUNTS",
    "BRANCH_TOWNSHIPS",
    "CITY_CODE",
    "CITY_NAME",
    "DIVISIONS",
    "HOME_TOWNSHIP",
    "accounts_path",
    "branch_code",
    "demo_password",
    "people_seed",
    "tree_seed",
]
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
        "leader", "演示乡镇书记", "乡镇党委书记", HOME_TOWNSHIP, Post.Role.SECRETARY, HOME_TOWNSHIP
    ),
    DemoAccount(
        "reader", "演示乡镇校对员", "乡镇校对员", HOME_TOWNSHIP, Post.Role.REVIEWER, HOME_TOWNSHIP
    ),
    DemoAccount(
        "county", "演示县区审核员", "县区审核员", HOME_TOWNSHIP, Post.Role.REVIEWER, "211302"
    ),
    DemoAccount(
        "curator", "演示资源库编辑", "市级资源库编辑", HOME_TOWNSHIP, Post.Role.CURATOR, CITY_CODE
    ),
    DemoAccount(
        "city", "演示市级审核员", "市级审核员", HOME_TOWNSHIP, Post.Role.REVIEWER, CITY_CODE
    ),
    DemoAccount(
        "director", "演示市级主任", "市级终审", HOME_TOWNSHIP, Post.Role.CURATOR, CITY_CODE
    ),
    DemoAccount(
        "admin", "演示管理员", "系统管理员", HOME_TOWNSHIP, Post.Role.ADMINISTRATOR, CITY_CODE
    ),
    DemoAccount(
        "officer",
        "演示党务工作者",
        "乡镇党务工作者",
        HOME_TOWNSHIP,
        Post.Role.AFFAIRS_OFFICER,
        HOME_TOWNSHIP,
    ),
    DemoAccount(
        "affairs",
        "演示组织部党务工作者",
        "市级党务工作者",
        HOME_TOWNSHIP,
        Post.Role.AFFAIRS_OFFICER,
        CITY_CODE,
    ),
    DemoAccount(
        "line",
        "演示社会工作部党务工作者",
        "社会工作部党务工作者",
        "2113-SG",
        Post.Role.AFFAIRS_OFFICER,
        "2113-SG",
    ),
    DemoAccount(
        "security", "演示安全管理员", "安全管理员", HOME_TOWNSHIP, Post.Role.SECURITY, CITY_CODE
    ),
    DemoAccount(
        "auditor", "演示审计管理员", "审计管理员", HOME_TOWNSHIP, Post.Role.AUDITOR, CITY_CODE
    ),
)
LEARNERS_PER_BRANCH = 6
JOINED = dt.date(2024, 1, 1)


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
    # One password, so one slow digest for all of them.
    digest = make_password(password)
    for account in ACCOUNTS:
        user = User.objects.filter(username=account.username).first()
        if user is None:
            user = User.objects.create(
                username=account.username,
                password=digest,
                name=account.name,
                is_demo=True,
                activated_at=timezone.now(),
            )
        elif new_password:
            user.password = digest
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


# What learners are tagged with, by township: a village and a street.
TAGS = {HOME_TOWNSHIP: Tag.Value.RURAL, BRANCH_TOWNSHIPS[1]: Tag.Value.COMMUNITY}
# By which the home page offers each a menu of its own.
ACCOUNT_TAGS = {"member": Tag.Value.RURAL, "secretary": Tag.Value.SECRETARY}


def tags_seed() -> None:
    """A field of work for the learners; the first of each branch sits in its team."""
    for township, field in TAGS.items():
        for user in User.objects.filter(username__startswith=f"learner-{township}-"):
            values = [field]
            if user.username.endswith("-1"):
                values.append(Tag.Value.TEAM_MEMBER)
            for value in values:
                tag(user, value)
    for username, value in ACCOUNT_TAGS.items():
        tag(User.objects.get(username=username), value)


def tag(user: User, value: Tag.Value) -> None:
    Tag.objects.get_or_create(
        user=user,
        value=value,
        valid_to=None,
        defaults={"dimension": dimension_of(value), "valid_from": JOINED},
    )


def tie(user: User, branch: Organization) -> None:
    Membership.objects.get_or_create(
        user=user,
        kind=Membership.Kind.HOME,
        valid_to=None,
        defaults={"organization": branch, "valid_from": JOINED},
    )


@transaction.atomic
def people_seed() -> None:
    tree_seed()
    accounts_seed()
    tags_seed()
