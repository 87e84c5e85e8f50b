"""Addresses of imports and exports."""

from django.urls import path

from organizations.roster import export_views, views

app_name = "roster"
urlpatterns = [
    path("import/", views.upload, name="import"),
    path("import/<uuid:key>/", views.import_detail, name="import_detail"),
    path("import/<uuid:key>/progress/", views.import_progress, name="import_progress"),
    path("import/<uuid:key>/outcome/", views.import_outcome, name="import_outcome"),
    path("import/<uuid:key>/<slug:act>/", views.import_act, name="import_act"),
    path("template/<slug:kind>/", views.template, name="template"),
    path("export/", export_views.export, name="export"),
    path("export/<uuid:key>/", export_views.export_detail, name="export_detail"),
    path("export/<uuid:key>/progress/", export_views.export_progress, name="export_progress"),
    path("export/<uuid:key>/file/", export_views.export_file, name="export_file"),
]
