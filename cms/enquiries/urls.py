from django.urls import path

from cms.enquiries import desk_views, views

app_name = "enquiries"
urlpatterns = [
    path("lectures/<int:lecture_id>/questions/", views.questions, name="questions"),
    path("lectures/<int:lecture_id>/problem/", views.problem, name="problem"),
    path("suggestions/", views.suggestion, name="suggestion"),
    path("enquiries/", views.mine, name="mine"),
    path("enquiries/desk/", desk_views.desk, name="desk"),
    path("enquiries/desk/<int:pk>/", desk_views.enquiry, name="enquiry"),
]
