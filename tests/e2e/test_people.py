"""People as those who keep them meet them: a slip, a workbook, a list, and the way out again."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlparse

import openpyxl
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.conftest import DESKTOP, Site

pytestmark = pytest.mark.e2e

PageFor = Callable[..., Page]
ContextFor = Callable[..., BrowserContext]
TOWNSHIP = "211302100"
BRANCH = f"{TOWNSHIP}-01"
SUBMIT = "main form button[type=submit]"


def person_entered(page: Page, name: str) -> str:
    """Enter a person into the secretary's branch; the address of the person's page."""
    page.goto(f"/people/in/{BRANCH}/new/")
    page.fill("input[name=name]", name)
    page.click(SUBMIT)
    page.wait_for_url(re.compile(r"/people/\d+/$"))
    return urlparse(page.url).path


def slip_issued(page: Page, person: str) -> tuple[str, str]:
    """Issue a one-time code to a person; the account and the code that the slip shows."""
    page.goto(person)
    page.click("form[action$='/accounts/credentials/'] button")
    page.click("form[action$='/slips/'] button[type=submit]")
    slip = page.locator(".slip")
    expect(slip).to_have_count(1)
    expect(slip.locator(".slip-picture svg")).to_be_visible()
    account = slip.locator(".slip-facts dd").first.inner_text()
    return account, "-".join(slip.locator(".slip-code dd span").all_inner_texts())


def first_sign_in(page: Page, account: str, code: str, password: str) -> None:
    page.goto("/accounts/first/")
    page.fill("input[name=login]", account)
    page.fill("input[name=code]", code)
    page.click(SUBMIT)
    page.fill("input[name=password1]", password)
    page.check("input[name=agreed]")
    page.click(SUBMIT)
    page.wait_for_url(lambda url: urlparse(url).path == "/")


def sign_in(page: Page, account: str, password: str) -> None:
    page.goto("/accounts/login/")
    page.fill("input[name=login]", account)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")


def test_from_the_slip_to_the_own_data_and_out_again(
    page_for: PageFor, context_for: ContextFor
) -> None:
    secretary = page_for("secretary")
    person = person_entered(secretary, "示例新党员")
    account, code = slip_issued(secretary, person)
    # Nothing of the account opens before the code was used, and the code opens it once.
    phone = context_for().new_page()
    sign_in(phone, account, code)
    expect(phone.get_by_role("alert")).to_be_visible()
    first_sign_in(phone, account, code, "hai-tang-hua-kai-le")
    again = context_for().new_page()
    again.goto("/accounts/first/")
    again.fill("input[name=login]", account)
    again.fill("input[name=code]", code)
    again.click(SUBMIT)
    expect(again.get_by_role("alert").first).to_be_visible()

    phone.goto("/me/data/export/")
    with phone.expect_download() as downloading:
        phone.click(SUBMIT)
    assert downloading.value.suggested_filename.endswith(".zip")

    phone.goto("/me/data/erase/")
    phone.check("main input[type=checkbox]")
    phone.click(SUBMIT)
    phone.wait_for_url(re.compile("/erased/"))
    sign_in(again, account, "hai-tang-hua-kai-le")
    expect(again.get_by_role("alert")).to_be_visible()
    secretary.goto(f"/people/in/{BRANCH}/")
    expect(secretary.get_by_text("示例新党员")).to_have_count(0)


def test_a_session_elsewhere_is_ended_from_the_own_phone(page_for: PageFor) -> None:
    lost, phone = page_for("member", anew=True), page_for("member", anew=True)
    phone.goto("/accounts/security/")
    phone.click("form[action$='/end/'] button[value=others]")
    lost.goto("/me/")
    expect(lost).to_have_url(re.compile("/accounts/login/"))
    phone.goto("/me/")
    expect(phone).not_to_have_url(re.compile("/accounts/login/"))


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """As a village writes it: a merged title, own words, full-width digits, one row wrong."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.merge_cells("A1:E1")
    sheet["A1"] = "党员名册（示例）"
    sheet.append(["人员编号", "姓名", "手机号", "党支部编码", "转入日期"])
    sheet.append(["BX-001", "示例导入甲", "１３９００００１１１１", BRANCH, "2024.9"])
    sheet.append(["BX-002", "示例导入乙", 13900002222, BRANCH, "2024年9月3日"])
    sheet.append(["BX-003", "示例导入丙", "13900003333", "211321102-01", "20240903"])
    path = tmp_path / "名册.xlsx"
    book.save(path)
    return path


def uploaded(page: Page, file: Path) -> None:
    page.goto("/roster/import/")
    page.set_input_files("input[type=file]", file)
    page.click("form[enctype] button[type=submit]")
    page.wait_for_url(re.compile(r"/roster/import/[0-9a-f-]{36}/"))


def counted(page: Page) -> list[str]:
    """The numbers above the rows: to create, to change, unchanged, refused."""
    figures = page.locator("dl.figures dd b")
    expect(figures.first).to_be_visible(timeout=60_000)
    return figures.all_inner_texts()


def test_a_workbook_is_looked_at_before_it_is_written(page_for: PageFor, workbook: Path) -> None:
    page = page_for("officer")
    uploaded(page, workbook)
    confirm = page.locator("form[action$='/confirm/'] button")
    expect(confirm).to_be_visible(timeout=60_000)
    before = counted(page)
    assert "2" in before
    assert "1" in before, "the row of another county is refused"
    page.goto(f"/people/in/{BRANCH}/?q=示例导入")
    expect(page.locator("a[href^='/people/']", has_text="示例导入")).to_have_count(0)

    page.go_back()
    confirm.click()
    outcome = page.locator("a[href$='/outcome/']")
    expect(outcome).to_be_visible(timeout=60_000)
    with page.expect_download() as downloading:
        outcome.click()
    answer = workbook.with_name("answer.xlsx")
    downloading.value.save_as(answer)
    rows = list(openpyxl.load_workbook(answer).active.values)
    assert sum("示例导入" in str(row) for row in rows) == 3

    secretary = page_for("secretary", DESKTOP)
    secretary.goto(f"/people/in/{BRANCH}/?q=示例导入")
    people = secretary.locator("main a[href^='/people/']:not([href*='/in/'])", has_text="示例导入")
    expect(people).to_have_count(2)
    expect(secretary.locator("main")).not_to_contain_text("13900001111")
    secretary.click("form[action$='/people/reveal/'] button")
    expect(secretary.locator("main")).to_contain_text("13900001111")

    uploaded(page, workbook)
    expect(page.locator("dl.figures")).to_be_visible(timeout=60_000)
    expect(page.locator("form[action$='/confirm/'] button")).to_have_count(0)


def test_a_file_that_is_no_workbook_is_answered_in_plain_words(
    page_for: PageFor, tmp_path: Path
) -> None:
    page = page_for("officer")
    false = tmp_path / "名册.xlsx"
    false.write_bytes(b"not a workbook at all" * 50)
    page.goto("/roster/import/")
    page.set_input_files("input[type=file]", false)
    page.click("form[enctype] button[type=submit]")
    alert = page.get_by_role("alert").first
    expect(alert).to_be_visible(timeout=60_000)
    assert not re.search("[A-Za-z]{5,}", alert.inner_text().replace("Excel", ""))


def test_strangers_units_do_not_exist(page_for: PageFor, site: Site) -> None:
    page = page_for("secretary")
    for address in ("/units/211321/", "/people/in/211321102-01/", "/audit/"):
        answer = page.goto(address)
        assert answer is not None
        assert answer.status in (403, 404), address
