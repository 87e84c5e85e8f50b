from django.urls import path

from lms.ledger import claim_views, keeping_views, views

app_name = "ledger"
urlpatterns = [
    path("me/hours/", views.mine, name="mine"),
    path("people/<int:pk>/hours/", views.person, name="person"),
    path("hours/claims/", claim_views.claims, name="claims"),
    path("hours/claims/new/", claim_views.claim_new, name="claim_new"),
    path("hours/claims/<int:pk>/", claim_views.claim, name="claim"),
    path("hours/claims/<int:pk>/change/", claim_views.claim_edit, name="claim_change"),
    path("hours/claims/<int:pk>/evidence/", claim_views.evidence, name="claim_evidence"),
    path("hours/rule/", keeping_views.rule, name="rule"),
    path("hours/targets/", keeping_views.targets, name="targets"),
    path("hours/years/", keeping_views.years, name="years"),
]
