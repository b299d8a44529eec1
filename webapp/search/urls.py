from django.urls import path

from webapp.search import views

urlpatterns = [
    path("", views.draw, name="draw"),
    path("s/<slug:share_id>/", views.draw, name="share"),
]
