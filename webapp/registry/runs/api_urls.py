from django.urls import path

from webapp.registry.runs import apis, rule_apis

urlpatterns = [
    path("runs/", apis.RunListApi.as_view(), name="api-runs"),
    path("runs/options/", apis.RunOptionsApi.as_view(), name="api-run-options"),
    path("runs/compare/", apis.RunCompareApi.as_view(), name="api-run-compare"),
    path("runs/<int:run_id>/", apis.RunApi.as_view(), name="api-run"),
    path("runs/<int:run_id>/metrics/", apis.RunMetricsApi.as_view(), name="api-run-metrics"),
    path("runs/<int:run_id>/log/", apis.RunLogApi.as_view(), name="api-run-log"),
    path("runs/<int:run_id>/pictures/<path:name>", apis.RunPictureApi.as_view(), name="api-run-picture"),
    path("runs/<int:run_id>/cancel", apis.RunCancelApi.as_view(), name="api-run-cancel"),
    path("runs/<int:run_id>/resume", apis.RunResumeApi.as_view(), name="api-run-resume"),
    path("rules/", rule_apis.RuleListApi.as_view(), name="api-rules"),
    path("rules/<int:rule_id>/", rule_apis.RuleApi.as_view(), name="api-rule"),
    path("queue/", apis.QueueApi.as_view(), name="api-queue"),
]
