"""The addresses of reviewing; what authors ask for lies with uploading."""

from django.urls import path

from cms.review import act_views, line_views, views

app_name = "review"
urlpatterns = [
    path("", views.queue, name="queue"),
    path("<int:pk>/", views.sheet, name="sheet"),
    path("<int:pk>/captions.vtt", views.captions, name="captions"),
    path("<int:pk>/form.pdf", views.form, name="form"),
    path("<int:pk>/proofread/", act_views.proofread, name="proofread"),
    path("<int:pk>/secrecy/", act_views.secrecy, name="secrecy"),
    path("<int:pk>/decide/", act_views.decide, name="decide"),
    path("<int:pk>/comments/", act_views.comment, name="comment"),
    path(
        "<int:pk>/comments/<int:comment_id>/remove/",
        act_views.comment_remove,
        name="comment_remove",
    ),
    path("lectures/<int:lecture_id>/", act_views.take_lecture_down, name="take_down"),
    path("lectures/<int:lecture_id>/lift/", act_views.lift, name="take_down_lift"),
    path("lines/", line_views.lines, name="lines"),
    path("lines/<str:code>/", line_views.line, name="line"),
]
