from django.urls import path

from webapp.registry.gates import apis

urlpatterns = [
    path("gates/", apis.GateListApi.as_view(), name="api-gates"),
    path("gates/<int:gate_id>/", apis.GateApi.as_view(), name="api-gate"),
]
