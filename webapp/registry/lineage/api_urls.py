from django.urls import path

from webapp.registry.lineage import apis

urlpatterns = [
    path("models/", apis.ModelListApi.as_view(), name="api-models"),
    path("models/<int:model_id>/", apis.ModelApi.as_view(), name="api-model"),
    path("models/<int:model_id>/index", apis.ModelIndexApi.as_view(), name="api-model-index"),
    path("releases/<int:release_id>/lineage/", apis.ReleaseLineageApi.as_view(), name="api-release-lineage"),
    path("votes/<int:vote_id>/lineage/", apis.VoteLineageApi.as_view(), name="api-vote-lineage"),
]
