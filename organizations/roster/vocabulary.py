"""The words of a roster: what people write for ties, tags and kinds of units.

The first word of each is the one that we write ourselves; the others are understood. English
names of the values are understood too. Pure: the values are those of the models, a test holds
them together.
"""

from __future__ import annotations

from collections.abc import Mapping

TIES: Mapping[str, tuple[str, ...]] = {
    "home": ("组织关系", "党员", "正式组织关系", "本支部", "在册", "在册党员", "在籍", "在籍党员"),
    "floating_host": ("流入", "流动党员流入", "流入党员", "流动党员", "接收流动党员"),
    "learner": ("学员", "非党员", "群众", "其他学员", "学习人员"),
}

STAGES: Mapping[str, tuple[str, ...]] = {
    "applicant": ("入党申请人", "申请人", "递交申请"),
    "activist": ("入党积极分子", "积极分子"),
    "candidate": ("发展对象",),
    "probationary": ("预备党员", "中共预备党员", "预备"),
    "full": ("正式党员", "中共党员", "党员", "正式"),
}
FIELDS: Mapping[str, tuple[str, ...]] = {
    "rural": ("农村", "村", "农民", "农牧渔民"),
    "community": ("社区", "城市社区", "街道社区"),
    "government": ("机关", "党政机关", "机关单位", "公务员"),
    "institution": ("事业单位", "事业"),
    "state_enterprise": ("国有企业", "国企", "国有企业职工"),
    "school": ("学校", "教育", "高校", "中小学"),
    "new_sector": (
        "新兴领域",
        "两新",
        "两新组织",
        "“两新”",
        "非公企业",
        "非公",
        "社会组织",
        "三新",
    ),
}
POSITIONS: Mapping[str, tuple[str, ...]] = {
    "secretary": ("党组织书记", "书记", "支部书记", "党支部书记"),
    "team_member": ("班子成员", "支部委员", "支委", "委员", "副书记", "领导班子成员"),
    "village_committee": ("村两委成员", "两委成员", "村两委", "两委", "村“两委”成员"),
    "resident_official": ("驻村干部", "驻村工作队员", "工作队员"),
    "first_secretary": ("第一书记", "驻村第一书记"),
    "affairs_worker": ("党务工作者", "党务干部", "组织员", "党务"),
    "organisation_cadre": ("组织部门干部", "组工干部", "组织部干部"),
    "community_worker": ("社区工作者", "社工"),
}
STATES: Mapping[str, tuple[str, ...]] = {
    "floating_out": ("流动（流出）", "流出", "流动流出", "外出流动", "流动党员", "流动", "外出"),
    "floating_in": ("流动（流入）", "流入", "流动流入"),
    "retired": ("离退休", "退休", "离休"),
    "exempt": ("年老体弱（免训）", "年老体弱", "免训", "因病免训", "因病", "年老"),
}
TAGS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "stage": STAGES,
    "field": FIELDS,
    "position": POSITIONS,
    "state": STATES,
}

UNITS: Mapping[str, tuple[str, ...]] = {
    "city": ("市", "市级", "地级市"),
    "county": ("县区", "县", "区", "县级", "县级市", "市辖区"),
    "township": ("乡镇", "镇", "乡", "街道", "乡镇（街道）", "乡级", "场"),
    "village": ("村", "社区", "村（社区）", "行政村", "村级"),
    "branch": ("党支部", "支部", "党总支"),
    "line": ("条线单位", "条线", "工委", "行业系统", "部门", "机关单位"),
}

LEAVING: Mapping[str, tuple[str, ...]] = {
    "moved_out": ("转出", "调出", "转往外地", "迁出"),
    "died": ("去世", "死亡", "病故"),
    "left_party": ("出党", "退党", "除名", "开除党籍"),
    "mistake": ("误录", "录入错误", "重复录入"),
}

# A tags cell that takes every tag of its kind away; an empty one leaves them alone.
NOTHING = ("无", "-", "没有", "清空", "none")


def _bare(word: str) -> str:
    for mark in "()（）“”\"' ":
        word = word.replace(mark, "")
    return word.lower()


def _index(words: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    index = {_bare(value): value for value in words}
    for value, synonyms in words.items():
        index.update({_bare(synonym): value for synonym in synonyms})
    return index


_TIES, _UNITS, _LEAVING = _index(TIES), _index(UNITS), _index(LEAVING)
_TAGS = {dimension: _index(words) for dimension, words in TAGS.items()}


def tie_of(word: str) -> str | None:
    """The kind of membership that the word means."""
    return _TIES.get(_bare(word))


def leaving_of(word: str) -> str | None:
    """The reason for leaving that the word means."""
    return _LEAVING.get(_bare(word))


def unit_kind_of(word: str) -> str | None:
    """The kind of unit that the word means."""
    return _UNITS.get(_bare(word))


def tag_of(dimension: str, word: str) -> str | None:
    """The tag value that the word means in one dimension."""
    return _TAGS[dimension].get(_bare(word))


def is_nothing(word: str) -> bool:
    return _bare(word) in NOTHING


def written(words: Mapping[str, tuple[str, ...]], value: str) -> str:
    """The word that we write for a value."""
    return words[value][0] if value in words else value
