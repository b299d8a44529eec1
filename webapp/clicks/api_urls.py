from django.urls import path

from webapp.clicks.experiments import apis as experiments
from webapp.clicks.insights import apis as insights
from webapp.clicks.recording import apis
from webapp.clicks.teaching import apis as teaching

urlpatterns = [
    path("answers/", apis.AnswerReportApi.as_view(), name="api-answers"),
    path("clicks/", apis.ClickReportApi.as_view(), name="api-clicks"),
    path("clicks/snapshots/", teaching.ClickSnapshotApi.as_view(), name="api-click-snapshots"),
    path("visits/erase/", apis.VisitErasureApi.as_view(), name="api-visits-erase"),
    path("experiments/", experiments.ExperimentListApi.as_view(), name="api-experiments"),
    path(
        "experiments/<int:experiment_id>/end",
        experiments.ExperimentEndApi.as_view(),
        name="api-experiment-end",
    ),
    path("insights/", insights.InsightsApi.as_view(), name="api-insights"),
    path("insights/csv", insights.InsightsCsvApi.as_view(), name="api-insights-csv"),
]
