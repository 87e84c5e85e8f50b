"""Headers in many wordings, and rows that hold no data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from organizations.models import DIMENSIONS, Membership, Organization
from organizations.roster import vocabulary
from organizations.roster.columns import PEOPLE, header_find, is_data
from organizations.roster.problems import FileProblem


@given(st.permutations(sorted(PEOPLE)), st.integers(0, 5), st.data())
def test_any_order_and_any_wording(order: list[str], above: int, data: st.DataObject) -> None:
    labels = [data.draw(st.sampled_from(PEOPLE[name])) for name in order]
    header = header_find([*([["某某名册"]] * above), labels], kind="people")
    assert header.row == above
    assert header.columns == {name: at for at, name in enumerate(order)}


@pytest.mark.parametrize("label", ["*姓 名", "姓名（必填）", "姓名：", "【姓名】姓名", " 姓\n名 "])
def test_marks_in_a_header_do_not_matter(label: str) -> None:
    assert header_find([[label, "手机"]], kind="people").columns["name"] == 0


def test_without_a_header_the_file_is_refused() -> None:
    with pytest.raises(FileProblem) as problem:
        header_find([["张三", "13800000000"]], kind="people")
    assert problem.value.code == "no_header"


def test_columns_of_identity_numbers_refuse_the_file() -> None:
    with pytest.raises(FileProblem) as problem:
        header_find([["姓名", "手机", "公民身份号码"]], kind="people")
    assert problem.value.code == "identity_column"


def test_a_column_that_is_there_twice_is_unclear() -> None:
    with pytest.raises(FileProblem) as problem:
        header_find([["姓名", "手机", "姓名"]], kind="people")
    assert problem.value.code == "column_twice"


def test_passwords_and_unknown_columns_are_named() -> None:
    header = header_find([["姓名", "手机", "初始密码", "民族"]], kind="people")
    assert header.passwords == ("初始密码",)
    assert header.ignored == ("民族",)


@pytest.mark.parametrize(
    "row",
    [
        [], [None, ""], ["合计", "3人"], ["合 计：3"], ["总计"], ["填报单位：某镇"],
        ["填表人（签字）："],
        ["※ 必填"], ["备注：以上人员"], ["姓名", "手机"], ["填写说明"],
    ],
)  # fmt: skip
def test_rows_without_data(row: list[object]) -> None:
    header = header_find([["姓名", "手机"]], kind="people")
    assert not is_data(row, header)


@pytest.mark.parametrize("row", [["张三", ""], [1, "张三"], ["合小计", ""], ["备注", "x"]])
def test_rows_with_data(row: list[object]) -> None:
    header = header_find([["姓名", "手机"]], kind="people")
    assert is_data(row, header)


def test_the_vocabulary_knows_every_value_of_the_models() -> None:
    assert set(vocabulary.TIES) == set(Membership.Kind.values)
    assert set(vocabulary.UNITS) == set(Organization.Kind.values)
    assert set(vocabulary.LEAVING) <= set(Membership.EndReason.values)
    for dimension, values in DIMENSIONS.items():
        assert set(vocabulary.TAGS[dimension]) == set(values)


def test_what_we_write_is_what_we_read() -> None:
    for dimension, words in vocabulary.TAGS.items():
        for value in words:
            word = vocabulary.written(words, value)
            assert vocabulary.tag_of(dimension, word) == value
    for kind in vocabulary.TIES:
        assert vocabulary.tie_of(vocabulary.written(vocabulary.TIES, kind)) == kind
