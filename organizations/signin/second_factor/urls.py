"""allauth's own views for one's factors, under the names that they reverse themselves."""

from allauth.mfa.recovery_codes import views as printed
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.urls import path
from django.views.generic import RedirectView

_list = RedirectView.as_view(pattern_name="security:index")
_confirm = RedirectView.as_view(pattern_name="security:confirm", query_string=True)

urlpatterns = [
    path("", _list, name="mfa_index"),
    path("keys/", _list, name="mfa_list_webauthn"),
    path("confirm/", _confirm, name="mfa_reauthenticate"),
    path("confirm/password/", _confirm, name="account_reauthenticate"),
    path("app/add/", totp.activate_totp, name="mfa_activate_totp"),
    path("app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("keys/add/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("keys/<int:pk>/remove/", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
    path("keys/<int:pk>/name/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path("codes/", printed.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("codes/new/", printed.generate_recovery_codes, name="mfa_generate_recovery_codes"),
]
