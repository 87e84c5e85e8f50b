"""Pages in Wagtail's admin: the library's drafts and shelves."""

from tests.scope import tree
from tests.scope.marks import KEEPERS
from tests.scope.rule import (
    ADMIN_DOOR,
    NOBODY,
    SHELF,
    SHELVED,
    SHELVED_OR_ABOVE,
    WAGTAIL,
    Access,
    Reach,
    Refusal,
    Rule,
)
from tests.scope.rules.admin import CHOOSING, KEEPS, LISTING, PICKING, SEARCHES, shut

KEEP = Access(KEEPERS, SHELVED)
CURATE = Access((tree.CURATOR, tree.ADMINISTRATOR), SHELVED)
# Premium is chosen, and lectures are opened to the public, by counties, line units and the
# prefecture.
SELECTING = Reach(
    "shelves of the own unit and below, from a county, a line unit or the prefecture",
    lambda viewer, unit, relation: (
        tree.UNITS[viewer.seat or "branch"][0] in ("city", "county", "line")
        and SHELVED.covers(viewer, unit, relation)
    ),
)
SELECT = Access((tree.CURATOR, tree.ADMINISTRATOR), SELECTING)
EXPLORE = Access(KEEPERS, SHELVED_OR_ABOVE)
PAGES = "wagtailadmin_pages:"
HISTORY = Refusal("the history, which decides", (), (r"/admin/pages/\d+/history/",))


def page(**changes: object) -> Rule:
    """A view of one lecture, for the keepers of its shelf."""
    fields = {
        "reads": KEEP,
        "thing": "draft",
        "refusal": WAGTAIL,
        "stranger": ADMIN_DOOR,
    }
    return Rule(**{**fields, **changes})  # type: ignore[arg-type]


def lecture_form(world: object, unit: str, viewer: object) -> dict[str, str]:
    draft = world.estates[unit].draft  # type: ignore[attr-defined]
    return {"title": "新题目", "subject": "skills", "asset": str(draft.asset_id)}


def new_lecture_form(world: object, unit: str, viewer: object) -> dict[str, str]:
    recording = world.estates[unit].recording  # type: ignore[attr-defined]
    return {"title": "新课", "subject": "skills", "asset": str(recording.pk)}


def bulk(*actions: str) -> tuple[str, ...]:
    return tuple(
        f"/admin/bulk/wagtailcore/page/{action}/?id={{page_id}}&next=/admin/lectures/"
        for action in actions
    )


def elsewhere(viewer: tree.Viewer, unit: str) -> bool:
    """Whether the shelf of the unit is another than that of the own one."""
    return tree.shelf_unit(unit) != tree.shelf_unit(viewer.seat)


RULES = {
    "wagtailadmin_explore_root": Rule(
        reads=KEEPS, refusal=WAGTAIL, stranger=ADMIN_DOOR, note="leads to the own shelf"
    ),
    "wagtailadmin_explore": page(thing="shelf", refusal=WAGTAIL | SHELF, queries=SEARCHES),
    "wagtailadmin_explore_results": page(thing="shelf", refusal=WAGTAIL | SHELF, queries=SEARCHES),
    "/admin/pages/search/": Rule(
        reads=KEEPS,
        acts=KEEPS,
        refusal=WAGTAIL,
        stranger=ADMIN_DOOR,
        queries=("?q=机密",),
        idle="searches",
    ),
    f"{PAGES}search": Rule(
        reads=KEEPS,
        acts=KEEPS,
        refusal=WAGTAIL,
        stranger=ADMIN_DOOR,
        queries=("?q=机密",),
        idle="searches",
    ),
    f"{PAGES}search_results": LISTING,
    # -- one page --------------------------------------------------------------------------------
    f"{PAGES}add": page(
        reads=CURATE,
        acts=CURATE,
        thing="shelf",
        data=new_lecture_form,
        changes=True,
    ),
    f"{PAGES}preview_on_add": page(
        reads=CURATE, acts=CURATE, thing="shelf", idle="keeps the text in the session"
    ),
    f"{PAGES}add_subpage": page(reads=CURATE, acts=CURATE, thing="shelf", idle="leads on"),
    f"{PAGES}edit": (
        page(acts=KEEP, data=lecture_form, changes=True),
        page(
            acts=KEEP,
            acts_only=True,
            data=lambda world, unit, viewer: (
                lecture_form(world, unit, viewer) | {"action-publish": "1"}
            ),
            changes=True,
            note="publishing what has passed its reviews",
        ),
    ),
    f"{PAGES}preview_on_edit": page(acts=KEEP, idle="keeps the text in the session"),
    f"{PAGES}view_draft": page(),
    f"{PAGES}delete": page(acts=KEEP, changes=True),
    f"{PAGES}unpublish": page(reads=NOBODY, thing="lecture", note="taken down with a reason"),
    "/admin/pages/<int:page_id>/workflow_history/": page(note="leads to its review"),
    f"{PAGES}workflow_history": page(note="leads to its review"),
    f"{PAGES}move": page(reads=KEEP, acts=KEEP, idle="chooses where to"),
    "/admin/pages/<int:page_to_move_id>/move/<int:destination_id>/confirm/": page(
        reads=CURATE,
        acts=CURATE,
        thing="draft_out",
        changes=elsewhere,
        note="to shelves that one keeps",
    ),
    f"{PAGES}move_confirm": page(
        reads=CURATE, acts=CURATE, thing="draft_in", changes=elsewhere, note="as above"
    ),
    f"{PAGES}lock": page(reads=NOBODY, acts=CURATE, changes=True),
    f"{PAGES}unlock": page(reads=NOBODY, acts=CURATE, thing="locked", changes=True),
    f"{PAGES}usage": page(),
    f"{PAGES}history": page(queries=SEARCHES),
    f"{PAGES}history_results": page(queries=SEARCHES),
    f"{PAGES}revisions_index": page(
        reads=NOBODY, refusal=WAGTAIL | HISTORY, note="only an old name of the history"
    ),
    f"{PAGES}revisions_view": page(),
    f"{PAGES}revisions_revert": page(acts=KEEP, idle="fills the editor"),
    f"{PAGES}revisions_unschedule": page(acts=KEEP, changes=True),
    f"{PAGES}revisions_compare": page(
        paths=("/admin/pages/{page_id}/revisions/compare/earliest...latest/",)
    ),
    "wagtailadmin_editing_sessions:ping": page(
        reads=NOBODY,
        acts=KEEP,
        idle="says who has the editor open",
        paths=("/admin/editing-sessions/ping/wagtailcore/page/{page_id}/1/",),
    ),
    "wagtailadmin_editing_sessions:release": Rule(
        reads=NOBODY,
        acts=KEEPS,
        refusal=WAGTAIL,
        stranger=ADMIN_DOOR,
        idle="closes the own editor",
        note="one's own",
    ),
    # -- many pages ------------------------------------------------------------------------------
    "/admin/bulk/<str:app_label>/<str:model_name>/<str:action>/": (
        page(acts=KEEP, paths=bulk("publish", "delete"), changes=True),
        page(thing="lecture", paths=bulk("unpublish"), note="taken down one by one"),
        page(acts=KEEP, paths=bulk("move"), idle="chooses where to"),
        page(acts=CURATE, thing="lecture", paths=bulk("library"), changes=True),
        page(acts=SELECT, thing="lecture", paths=bulk("premium"), changes=True),
        page(acts=SELECT, thing="lecture", paths=bulk("open"), changes=True),
        page(acts=CURATE, thing="decided", paths=bulk("library_end"), changes=True),
        page(acts=SELECT, thing="decided", paths=bulk("open_end"), changes=True),
        page(acts=SELECT, thing="decided", paths=bulk("premium_end"), changes=True),
    ),
    "wagtail_bulk_action": page(
        reads=NOBODY,
        thing="person",
        paths=(
            "/admin/bulk/organizations/user/delete/?id={pk}&next=/admin/",
            "/admin/bulk/organizations/user/set_active_state/?id={pk}&next=/admin/",
            "/admin/bulk/organizations/user/assign_role/?id={pk}&next=/admin/",
        ),
    ),
    # -- choosing a page -------------------------------------------------------------------------
    "wagtailadmin_choose_page": PICKING,
    "wagtailadmin_choose_page_search": PICKING,
    "/admin/choose-page/<int:parent_page_id>/": page(
        reads=EXPLORE, thing="shelf", queries=CHOOSING
    ),
    "wagtailadmin_choose_page_child": page(reads=EXPLORE, thing="shelf", queries=CHOOSING),
    "/admin/choose-page/chosen-multiple/": page(
        paths=("/admin/choose-page/chosen-multiple/?id={page_id}",)
    ),
    "wagtailadmin_choose_page_chosen_multiple": page(
        paths=("/admin/choose-page/chosen-multiple/?id={page_id}",)
    ),
    # -- shut ------------------------------------------------------------------------------------
    f"{PAGES}type_use*": shut("one page type, listed under lectures"),
    f"{PAGES}choose_parent": shut("the list of lectures has its own"),
    f"{PAGES}copy": shut("a recording is one lecture"),
    f"{PAGES}convert_alias": shut("there are no aliases"),
    f"{PAGES}set_privacy": shut("every page is for everybody who is signed in"),
    f"{PAGES}set_page_position": shut("shelves follow the units, lectures their dates"),
    f"{PAGES}*workflow*": shut("reviews are held on pages of their own"),
}
