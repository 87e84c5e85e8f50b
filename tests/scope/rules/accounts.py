"""Signing in, the second factor, sessions, one-time codes."""

from tests.scope import tree
from tests.scope.rule import (
    ABSENT,
    ANYONE,
    FORBIDDEN,
    HOME,
    KEPT_ELSEWHERE,
    MANAGED,
    NOBODY,
    SIGN_IN,
    SIGNED_IN,
    UNAUTHORISED,
    Access,
    Reach,
    Rule,
)
from tests.scope.rules.people import ROSTER_KEEPERS

STRANGERS = Access((tree.ANONYMOUS,), Reach("", lambda viewer, unit, relation: True))
PROOF = "asks for a proof that nobody has here"
OWN = Rule(reads=SIGNED_IN, acts=SIGNED_IN, idle=PROOF, note="one's own account")
DOOR = Rule(reads=ANYONE, acts=ANYONE, idle=PROOF, note="a way in; decided by what is entered")
# Other names of the own pages; who is asked to sign in is decided there.
LEADS = Rule(reads=ANYONE, acts=ANYONE, idle="leads on", note="leads to the own security page")

RULES = {
    "account_login": Rule(reads=STRANGERS, acts=STRANGERS, refusal=HOME, idle=PROOF),
    "account_request_login_code": Rule(
        reads=STRANGERS, acts=STRANGERS, refusal=HOME, idle="sends a message"
    ),
    "account_confirm_login_code": DOOR,
    "account_logout": Rule(
        reads=SIGNED_IN,
        acts=SIGNED_IN,
        writes=("organizations_user",),
        stranger=SIGN_IN,
        idle="ends the session",
    ),
    "account_change_password": OWN,
    "account_reset_password": Rule(reads=ANYONE, note="says how"),
    "account_reset_new": OWN,
    "account_first": DOOR,
    "account_first_password": DOOR,
    "account_set_password": DOOR,
    "account_signup": Rule(
        reads=NOBODY, refusal=SIGN_IN, stranger=SIGN_IN, note="accounts are issued"
    ),
    "socialaccount_signup": Rule(
        reads=NOBODY, refusal=SIGN_IN, stranger=SIGN_IN, note="accounts are issued"
    ),
    "openid_connect_login": Rule(reads=NOBODY, stranger=ABSENT, note="a provider that is set up"),
    "openid_connect_callback": Rule(
        reads=NOBODY, stranger=ABSENT, note="a provider that is set up"
    ),
    "wecom_login": Rule(reads=NOBODY, stranger=ABSENT, note="where WeCom is set up"),
    "wecom_callback": Rule(reads=NOBODY, stranger=ABSENT, note="where WeCom is set up"),
    "socialaccount_connections": OWN,
    "socialaccount_login_cancelled": Rule(reads=ANYONE, note="a sentence"),
    "socialaccount_login_error": Rule(
        reads=NOBODY, refusal=UNAUTHORISED, stranger=UNAUTHORISED, note="a sentence"
    ),
    # -- one-time codes --------------------------------------------------------------------------
    "credential_issue": Rule(
        reads=NOBODY,
        acts=Access((*ROSTER_KEEPERS,), MANAGED),
        thing="unit",
        refusal=FORBIDDEN | ABSENT,
        note="to administrators from a unit above only",
        idle="asks before it is done",
        data=lambda world, unit, viewer: {"ids": str(world.estates[unit].person.pk)},
    ),
    "credential_slips": Rule(
        reads=NOBODY,
        acts=Access((*ROSTER_KEEPERS,), MANAGED),
        thing="unit",
        refusal=FORBIDDEN | ABSENT,
        note="to administrators from a unit above only",
        data=lambda world, unit, viewer: {"ids": str(world.estates[unit].person.pk)},
        changes=True,
    ),
    # -- sessions and second factor ----------------------------------------------------------------
    "security:index": Rule(reads=SIGNED_IN, note="one's own account"),
    "security:end": Rule(
        reads=NOBODY,
        acts=SIGNED_IN,
        data=lambda world, unit, viewer: {"session": "others"},
        idle="ends sessions",
        note="one's own sessions",
    ),
    "security:challenge": OWN,
    "security:challenge_message": Rule(
        reads=NOBODY, acts=SIGNED_IN, idle="sends a message", note="one's own account"
    ),
    "security:challenge_done": OWN,
    "security:confirm": OWN,
    "security:set_up": OWN,
    "security:person_factors": Rule(
        reads=Access((tree.SECURITY,), KEPT_ELSEWHERE),
        acts=Access((tree.SECURITY,), KEPT_ELSEWHERE),
        thing="person",
        refusal=FORBIDDEN | ABSENT,
        changes=True,
        note="of administrators from a unit above only",
    ),
    "mfa_index": LEADS,
    "mfa_list_webauthn": LEADS,
    "mfa_reauthenticate": LEADS,
    "account_reauthenticate": LEADS,
    "mfa_activate_totp": OWN,
    "mfa_add_webauthn": OWN,
    "mfa_generate_recovery_codes": Rule(
        reads=SIGNED_IN, acts=SIGNED_IN, changes=True, note="one's own account"
    ),
    "mfa_deactivate_totp": Rule(reads=NOBODY, note="one's own, when there is one"),
    "mfa_view_recovery_codes": Rule(reads=NOBODY, note="one's own, when there are any"),
    "mfa_remove_webauthn": Rule(reads=NOBODY, note="one's own passkey"),
    "mfa_edit_webauthn": Rule(reads=NOBODY, note="one's own passkey"),
}
