"""A small tree with its keepers, and workbooks as people upload them."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import openpyxl
import pytest
from django.core.files.base import ContentFile

from organizations.models import Organization, RosterImport, RosterRow, User
from organizations.roster.imports import import_confirm, import_create
from organizations.roster.work import import_work
from tests.factories import OrganizationFactory, UserFactory

HEAD = ("人员编号", "姓名", "手机号码", "支部编码", "发展阶段", "岗位", "起始日期", "离开日期")


@dataclass
class Tree:
    """city > county > township > two branches; a second county with a branch of its own."""

    city: Organization
    county: Organization
    township: Organization
    branch: Organization
    sibling: Organization
    foreign: Organization
    officer: User  # party-affairs officer of the township
    secretary: User  # of `branch`


@pytest.fixture
def tree(db: None) -> Tree:
    city = OrganizationFactory(city=True, code="C1")
    county = OrganizationFactory(county=True, parent=city, code="X1", name="甲县")
    other = OrganizationFactory(county=True, parent=city, code="X2", name="乙县")
    township = OrganizationFactory(township=True, parent=county, code="T1", name="甲镇")
    branch = OrganizationFactory(parent=township, code="B1", name="东村党支部")
    sibling = OrganizationFactory(parent=township, code="B2", name="西村党支部")
    foreign = OrganizationFactory(parent=other, code="F1", name="外村党支部")
    return Tree(
        city=city,
        county=county,
        township=township,
        branch=branch,
        sibling=sibling,
        foreign=foreign,
        officer=UserFactory(officer=True, unit=township),
        secretary=UserFactory(secretary=True, unit=branch),
    )


def workbook(rows: Sequence[Sequence[Any]], head: Sequence[Any] = HEAD) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(list(head))
    for row in rows:
        book.active.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@dataclass
class Imported:
    roster_import: RosterImport

    def again(self) -> RosterImport:
        self.roster_import = RosterImport.objects.get(pk=self.roster_import.pk)
        return self.roster_import

    @property
    def state(self) -> str:
        return str(self.again().state)

    def row(self, number: int) -> RosterRow:
        return self.roster_import.rows.get(number=number)

    @property
    def plans(self) -> list[str]:
        return list(self.roster_import.rows.order_by("number").values_list("plan", flat=True))

    @property
    def outcomes(self) -> list[str]:
        return list(self.roster_import.rows.order_by("number").values_list("outcome", flat=True))

    def codes(self, number: int) -> list[str]:
        return [message[0] for message in self.row(number).messages]

    def confirm(self) -> Imported:
        import_confirm(actor=self.roster_import.who, roster_import=self.roster_import, wake=False)
        import_work(key=self.roster_import.pk)
        self.again()
        return self


Check = Callable[..., Imported]


def member(tree: Tree, **fields: object) -> User:
    return UserFactory(
        **{"code": "P1", "name": "张建国", "phone": "13800000001", "home": tree.branch, **fields}
    )


@pytest.fixture
def check(tree: Tree) -> Check:
    """Upload rows (or bytes) as the township's officer and check them."""

    def upload(
        rows: Sequence[Sequence[Any]] | bytes,
        *,
        head: Sequence[Any] = HEAD,
        actor: User | None = None,
        unit: Organization | None = None,
        kind: str = "people",
    ) -> Imported:
        content = rows if isinstance(rows, bytes) else workbook(rows, head)
        made = import_create(
            actor=actor or tree.officer,
            unit=unit or tree.township,
            kind=kind,
            file=ContentFile(content),
            file_name="名册.xlsx",
            wake=False,
        )
        import_work(key=made.pk)
        done = Imported(made)
        done.again()
        return done

    return upload


@pytest.fixture
def today() -> dt.date:
    from django.utils import timezone

    return timezone.localdate()
