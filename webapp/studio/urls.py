from django.urls import path

from webapp.studio import views

urlpatterns = [
    path("studio/", views.overview, name="studio"),
    path("studio/sets/", views.study_sets, name="studio-sets"),
    path("studio/sets/<int:set_id>/", views.study_set, name="studio-set"),
    path("studio/runs/", views.runs, name="studio-runs"),
    path("studio/runs/new/", views.run_new, name="studio-run-new"),
    path("studio/runs/compare/", views.runs_compare, name="studio-runs-compare"),
    path("studio/runs/rules/", views.rules, name="studio-rules"),
    path("studio/runs/<int:run_id>/", views.run, name="studio-run"),
    path("studio/models/", views.models, name="studio-models"),
    path("studio/models/<int:model_id>/", views.model, name="studio-model"),
    path("studio/releases/", views.releases, name="studio-releases"),
    path("studio/releases/<int:release_id>/", views.release, name="studio-release"),
    path("studio/words/", views.words, name="studio-words"),
    path("studio/imports/", views.imports, name="studio-imports"),
    path("studio/imports/<uuid:import_id>/", views.import_, name="studio-import"),
    path("studio/insights/", views.insights, name="studio-insights"),
    path("studio/sites/", views.sites, name="studio-sites"),
    path("studio/queue/", views.queue, name="studio-queue"),
    path("studio/lineage/vote/<int:vote_id>/", views.vote_lineage, name="studio-vote-lineage"),
]
