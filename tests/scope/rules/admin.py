"""Wagtail's admin apart from pages: what of it is open, and what stays shut."""

from tests.scope import tree
from tests.scope.marks import KEEPERS
from tests.scope.rule import (
    ABSENT,
    ADMIN_DOOR,
    FORBIDDEN,
    NOBODY,
    SHELVED,
    SIGN_IN,
    WAGTAIL,
    Access,
    Data,
    Reach,
    Rule,
)

# Keepers of a unit with a shelf; a list holds what is on those shelves only.
SHELF_LIST = Reach(
    "shows the shelves of the own unit and below",
    lambda viewer, unit, relation: tree.has_shelf(viewer.seat),
)
KEEPS = Access(KEEPERS, SHELF_LIST)
CURATES = Access((tree.CURATOR, tree.ADMINISTRATOR), SHELF_LIST)
CURATORS = (tree.CURATOR, tree.ADMINISTRATOR)
# Topics and audiences are one list, kept from the prefecture.
PREFECTURE = Reach(
    "one list, kept from the prefecture", lambda viewer, unit, relation: viewer.seat == "city"
)
KEEPS_WORDS = Access(CURATORS, PREFECTURE)
KEEP_SHELVED = Access(CURATORS, SHELVED)
# Published lectures may stand in anybody's class.
SHELF_ANY = Reach(
    "published lectures of any unit", lambda viewer, unit, relation: tree.has_shelf(viewer.seat)
)
SEARCHES = ("?q=机密", "?q=单位", "?p=2", "?ordering=title", "?ordering=-pk")
CHOOSING = ("?q=机密", "?q=单位", "?ordering=title", "?multiple=1")
LISTING = Rule(reads=KEEPS, refusal=WAGTAIL, stranger=ADMIN_DOOR, queries=SEARCHES)
PICKING = Rule(reads=KEEPS, refusal=WAGTAIL, stranger=ADMIN_DOOR, queries=CHOOSING)
PLAIN = Rule(reads=KEEPS, refusal=WAGTAIL, stranger=ADMIN_DOOR)


def shut(note: str, *paths: str) -> Rule:
    """For nobody, whoever they are."""
    return Rule(reads=NOBODY, refusal=ABSENT, stranger=ABSENT, paths=paths, note=note)


def unexported(rule: Rule, path: str) -> tuple[Rule, Rule]:
    """A list of Wagtail's that nobody takes along as a file."""
    files = (f"{path}?export=xlsx", f"{path}?export=csv")
    return rule, shut("no list leaves as a file: `?export=`", *files)


LOCKED = Rule(reads=CURATES, refusal=WAGTAIL, stranger=ADMIN_DOOR, queries=SEARCHES)
QUEUE = Rule(
    reads=KEEPS,
    refusal=WAGTAIL,
    stranger=ADMIN_DOOR,
    queries=("?stage=failed", "?stage=waiting", "?stage=running", "?p=2"),
)


FRESH = {"title": "新", "name": "新"}


def kept_list(name: str, thing: str, form: Data) -> dict[str, Rule | tuple[Rule, ...]]:
    """A list of the library that units keep: those of the unit and above change it."""
    index = Rule(reads=CURATES, refusal=WAGTAIL, stranger=ADMIN_DOOR, queries=SEARCHES)
    one = {"thing": thing, "refusal": WAGTAIL, "stranger": ADMIN_DOOR, "changes": True}
    return {
        f"{name}:index": unexported(index, f"/admin/{name}/"),
        f"{name}:index_results": unexported(index, f"/admin/{name}/results/"),
        f"{name}:add": Rule(
            reads=CURATES,
            acts=KEEP_SHELVED,
            data=lambda world, unit, viewer: (
                form(world, unit, viewer) | {"title": "新", "name": "新"}
            ),
            **{**one, "thing": "unit"},  # type: ignore[arg-type]
        ),
        f"{name}:edit": Rule(reads=KEEP_SHELVED, acts=KEEP_SHELVED, data=form, **one),  # type: ignore[arg-type]
        f"{name}:delete": Rule(reads=KEEP_SHELVED, acts=KEEP_SHELVED, **one),  # type: ignore[arg-type]
    }


def word_list(name: str) -> dict[str, Rule | tuple[Rule, ...]]:
    """Topics and audiences."""
    plain = {"refusal": WAGTAIL, "stranger": ADMIN_DOOR}
    index = Rule(reads=KEEPS_WORDS, queries=SEARCHES, **plain)  # type: ignore[arg-type]
    acts = {"reads": KEEPS_WORDS, "acts": KEEPS_WORDS, "changes": True, **plain}
    word = {"name": "新词", "position": "3"}
    return {
        f"{name}:index": unexported(index, f"/admin/{name}/"),
        f"{name}:index_results": unexported(index, f"/admin/{name}/results/"),
        f"{name}:add": Rule(data=lambda world, unit, viewer: word, **acts),  # type: ignore[arg-type]
        f"{name}:edit": Rule(thing=name, data=lambda world, unit, viewer: word, **acts),  # type: ignore[arg-type]
        f"{name}:delete": Rule(thing=name, **acts),  # type: ignore[arg-type]
    }


IDS = ("?id={asset_id}", "?id={pk}&id=0")
RULES = {
    "/admin/login/": Rule(
        reads=KEEPS,
        acts=KEEPS,
        refusal=FORBIDDEN,
        stranger=SIGN_IN,
        idle="leads on",
        note="sign-in is elsewhere",
    ),
    "wagtailadmin_login": Rule(
        reads=KEEPS,
        acts=KEEPS,
        refusal=FORBIDDEN,
        stranger=SIGN_IN,
        idle="leads on",
        note="as above",
    ),
    "/admin/account/": Rule(
        reads=Access(tree.ROLES),
        acts=Access(tree.ROLES),
        idle="leads on",
        note="leads to one's own page",
    ),
    "wagtailadmin_account": Rule(
        reads=Access(tree.ROLES),
        acts=Access(tree.ROLES),
        idle="leads on",
        note="leads to one's own page",
    ),
    "wagtailadmin_home": PLAIN,
    "wagtailadmin_logout": Rule(
        reads=NOBODY, acts=NOBODY, refusal=WAGTAIL, stranger=ADMIN_DOOR, note="POST signs out"
    ),
    "wagtailadmin_sprite": Rule(reads=Access(tree.ROLES), note="icons"),
    "wagtailadmin_javascript_catalog": Rule(reads=Access(tree.ROLES), note="words of the screens"),
    "wagtailadmin_dismissibles": Rule(
        reads=KEEPS, refusal=WAGTAIL, stranger=ADMIN_DOOR, note="PATCH: one's own notes put away"
    ),
    "/admin/^.*/$": Rule(
        reads=NOBODY, refusal=WAGTAIL, stranger=ADMIN_DOOR, paths=("/admin/nothing/",)
    ),
    # -- the admin API ---------------------------------------------------------------------------
    "wagtailadmin_api:pages:listing": Rule(
        reads=KEEPS,
        refusal=WAGTAIL,
        stranger=ADMIN_DOOR,
        queries=(
            "?for_explorer=1",
            "?child_of=root",
            "?descendant_of=root",
            "?search=机密",
            "?type=cms.LecturePage&fields=*",
            "?limit=20&order=-title",
        ),
    ),
    "wagtailadmin_api:pages:detail": Rule(
        reads=Access(KEEPERS, SHELVED), thing="draft", refusal=WAGTAIL, stranger=ADMIN_DOOR
    ),
    "wagtailadmin_api:pages:find": shut("answers about any page"),
    "wagtailadmin_api:pages:action": shut("passes by the checks of the editor"),
    "wagtailadmin_api:documents:listing": Rule(
        reads=NOBODY, refusal=WAGTAIL, stranger=ADMIN_DOOR, note="there are none"
    ),
    "wagtailadmin_api:images:listing": Rule(
        reads=NOBODY, refusal=WAGTAIL, stranger=ADMIN_DOOR, note="there are none"
    ),
    # -- lists -----------------------------------------------------------------------------------
    "lectures:index": unexported(LISTING, "/admin/lectures/"),
    "lectures:index_results": unexported(LISTING, "/admin/lectures/results/"),
    "lectures:workbook": Rule(
        reads=KEEPS, refusal=WAGTAIL, stranger=ADMIN_DOOR, queries=("?q=单位", "?live=true")
    ),
    **word_list("topics"),
    **word_list("audiences"),
    **kept_list(
        "bases", "base", lambda world, unit, viewer: kept_form(world, unit, level="county")
    ),
    **kept_list("speakers", "speaker", lambda world, unit, viewer: kept_form(world, unit)),
    **kept_list("productions", "production", lambda world, unit, viewer: kept_form(world, unit)),
    **kept_list(
        "lecture-collections",
        "collection",
        lambda world, unit, viewer: kept_form(world, unit, position="5"),
    ),
    **kept_list(
        "menus",
        "menu",
        lambda world, unit, viewer: kept_form(world, unit, audience=str(world.audience.pk)),
    ),
    "lectures:choose_parent": Rule(reads=KEEPS, refusal=WAGTAIL, stranger=ADMIN_DOOR),
    "/admin/reports/locked/*": unexported(LOCKED, "/admin/reports/locked/"),
    "wagtailadmin_reports:locked_pages*": LOCKED,
    "/admin/reports/site-history/": unexported(LISTING, "/admin/reports/site-history/"),
    "/admin/reports/site-history/results/": unexported(
        LISTING, "/admin/reports/site-history/results/"
    ),
    "wagtailadmin_reports:site_history*": LISTING,
    # -- recordings ------------------------------------------------------------------------------
    "recordings:choose": PICKING,
    "recordings:choose_results": PICKING,
    "recordings:chosen": Rule(
        reads=Access(KEEPERS, SHELVED), thing="recording", refusal=WAGTAIL, stranger=ADMIN_DOOR
    ),
    "recordings:chosen_multiple": Rule(
        reads=KEEPS,
        thing="recording",
        refusal=WAGTAIL,
        stranger=ADMIN_DOOR,
        queries=IDS,
        note="names those among the ids that are within the scope",
    ),
    # -- what is being processed ------------------------------------------------------------------
    "recording-queue:index": unexported(QUEUE, "/admin/recording-queue/"),
    "recording-queue:index_results": unexported(QUEUE, "/admin/recording-queue/results/"),
    "recording-queue:retry": Rule(
        reads=NOBODY,
        acts=Access(KEEPERS, SHELVED),
        thing="failed",
        refusal=WAGTAIL,
        stranger=ADMIN_DOOR,
        changes=True,
        note="what was given up",
    ),
    "published-lectures:choose": PICKING,
    "published-lectures:choose_results": PICKING,
    "published-lectures:chosen": (
        Rule(
            reads=Access(KEEPERS, SHELF_ANY), thing="lecture", refusal=WAGTAIL, stranger=ADMIN_DOOR
        ),
        Rule(reads=NOBODY, thing="draft", refusal=WAGTAIL, stranger=ADMIN_DOOR, note="drafts"),
    ),
    "published-lectures:chosen_multiple": Rule(
        reads=KEEPS,
        thing="draft",
        refusal=WAGTAIL,
        stranger=ADMIN_DOOR,
        queries=("?id={pk}",),
        note="names published lectures only",
    ),
    # -- shut ------------------------------------------------------------------------------------
    "/admin/^(?:*": shut("what this house does not use of Wagtail", "/admin/users/"),
    "/admin/test404/": shut("a test of Wagtail's"),
    "wagtailadmin_error_test": shut("a test of Wagtail's"),
    "wagtailusers_*": shut("accounts are kept in the product, groups follow posts"),
    "wagtailsites:*": shut("one site, set up by the product"),
    "wagtailadmin_collections:*": shut("there are no collections"),
    "wagtailadmin_workflows:*": shut("reviews are held on pages of their own"),
    "wagtailsnippets:*": shut("there are no snippets"),
    "wagtailadmin_tag*": shut("there are no tags"),
    "wagtailadmin_password_reset*": shut("passwords are set in the product"),
    "wagtailadmin_choose_page_*_link": shut("there is no rich text"),
    "wagtailadmin_block_preview": shut("there are no blocks"),
    "wagtailadmin_reports:workflow*": shut("reviews are held on pages of their own"),
    "wagtailadmin_reports:aging_pages*": shut("nothing ages here"),
    "wagtailadmin_reports:page_types_usage*": shut("one page type"),
}


def kept_form(world: object, unit: str, **more: str) -> dict[str, str]:
    holder = world.units[tree.shelf_unit(unit)]  # type: ignore[attr-defined]
    items = {f"items-{name}_FORMS": "0" for name in ("TOTAL", "INITIAL", "MIN_NUM")}
    return {
        "name": "改名",
        "title": "改名",
        "organization": str(holder.pk),
        "introduction": "",
        **items,
        "items-MAX_NUM_FORMS": "1000",
        **more,
    }
