from django.urls import path

from annotation.apis import (
    attribute_tables,
    attributes,
    campaigns,
    consents,
    exports,
    material,
    operators,
    orders,
    participants,
    persons,
    settling,
    sketches,
    snapshots,
    tasks,
    work,
)
from annotation.services.campaigns.lifecycle import STEPS

urlpatterns = [
    # The most frequent requests come first, since patterns are tried in this order.
    path("assignments/<int:assignment_id>/vote", work.VoteApi.as_view(), name="api-assignment-vote"),
    path("campaigns/<int:campaign_id>/next", work.NextApi.as_view(), name="api-campaign-next"),
    path("campaigns/", campaigns.CampaignListApi.as_view(), name="api-campaigns"),
    path("campaigns/<int:campaign_id>/", campaigns.CampaignApi.as_view(), name="api-campaign"),
    *(
        path(
            f"campaigns/<int:campaign_id>/{step}",
            campaigns.StepApi.as_view(),
            {"step": step},
            name=f"api-campaign-{step}",
        )
        for step in STEPS
    ),
    path(
        "campaigns/<int:campaign_id>/progress/", campaigns.ProgressApi.as_view(), name="api-campaign-progress"
    ),
    path("campaigns/<int:campaign_id>/preview/", campaigns.PreviewApi.as_view(), name="api-campaign-preview"),
    path("campaigns/<int:campaign_id>/audit/", campaigns.AuditApi.as_view(), name="api-campaign-audit"),
    path("campaigns/<int:campaign_id>/tasks/", tasks.TaskListApi.as_view(), name="api-campaign-tasks"),
    path(
        "campaigns/<int:campaign_id>/tasks/delete",
        tasks.TasksDeleteApi.as_view(),
        name="api-campaign-tasks-delete",
    ),
    path(
        "campaigns/<int:campaign_id>/triplets/", tasks.OwnTripletsApi.as_view(), name="api-campaign-triplets"
    ),
    path("campaigns/<int:campaign_id>/estimate/", tasks.EstimateApi.as_view(), name="api-campaign-estimate"),
    path("campaigns/<int:campaign_id>/consent/", consents.ConsentApi.as_view(), name="api-campaign-consent"),
    path(
        "campaigns/<int:campaign_id>/duplicate",
        campaigns.DuplicateApi.as_view(),
        name="api-campaign-duplicate",
    ),
    path("tasks/<int:task_id>/", tasks.TaskApi.as_view(), name="api-task"),
    path(
        "campaigns/<int:campaign_id>/workers/", operators.WorkerListApi.as_view(), name="api-campaign-workers"
    ),
    path(
        "campaigns/<int:campaign_id>/participants/",
        participants.ParticipantLinkApi.as_view(),
        name="api-campaign-participants",
    ),
    path(
        "campaigns/<int:campaign_id>/disputed/",
        operators.DisputedListApi.as_view(),
        name="api-campaign-disputed",
    ),
    path(
        "campaigns/<int:campaign_id>/agreement/",
        operators.AgreementApi.as_view(),
        name="api-campaign-agreement",
    ),
    path(
        "campaigns/<int:campaign_id>/snapshots/",
        snapshots.SnapshotListApi.as_view(),
        name="api-campaign-snapshots",
    ),
    path(
        "campaigns/<int:campaign_id>/attributes/",
        attribute_tables.AttributeAgreementApi.as_view(),
        name="api-campaign-attributes",
    ),
    path(
        "campaigns/<int:campaign_id>/attribute-tables/",
        attribute_tables.CampaignAttributeTablesApi.as_view(),
        name="api-campaign-attribute-tables",
    ),
    path(
        "campaigns/<int:campaign_id>/export/votes",
        exports.VotesExportApi.as_view(),
        name="api-campaign-export-votes",
    ),
    path(
        "campaigns/<int:campaign_id>/export/drawings",
        exports.DrawingsExportApi.as_view(),
        name="api-campaign-export-drawings",
    ),
    path(
        "campaigns/<int:campaign_id>/export/codebook",
        exports.CodebookApi.as_view(),
        name="api-campaign-export-codebook",
    ),
    path(
        "campaigns/<int:campaign_id>/export/datasheet",
        exports.DatasheetApi.as_view(),
        name="api-campaign-export-datasheet",
    ),
    path(
        "campaigns/<int:campaign_id>/export/study",
        exports.StudyExportApi.as_view(),
        name="api-campaign-export-study",
    ),
    path("attribute-tables/", attribute_tables.AttributeTablesApi.as_view(), name="api-attribute-tables"),
    path(
        "attribute-tables/<int:table_id>/export",
        attribute_tables.AttributeTableExportApi.as_view(),
        name="api-attribute-table-export",
    ),
    path("campaigns/<int:campaign_id>/orders/", orders.OrdersApi.as_view(), name="api-campaign-orders"),
    path("snapshots/<int:snapshot_id>/export", snapshots.ExportApi.as_view(), name="api-snapshot-export"),
    path("enrolments/<int:enrolment_id>/block", operators.BlockApi.as_view(), name="api-enrolment-block"),
    path(
        "enrolments/<int:enrolment_id>/unblock", operators.UnblockApi.as_view(), name="api-enrolment-unblock"
    ),
    path(
        "enrolments/<int:enrolment_id>/erase", persons.EnrolmentEraseApi.as_view(), name="api-enrolment-erase"
    ),
    path("participants/erase/", persons.ParticipantEraseApi.as_view(), name="api-participant-erase"),
    path("audit/", campaigns.AuditListApi.as_view(), name="api-audit"),
    path("campaigns/<int:campaign_id>/settle/", settling.SettleApi.as_view(), name="api-campaign-settle"),
    path(
        "campaigns/<int:campaign_id>/settle/submissions/",
        settling.SubmissionsApi.as_view(),
        name="api-campaign-submissions",
    ),
    path(
        "campaigns/<int:campaign_id>/settle/export",
        settling.SettleExportApi.as_view(),
        name="api-campaign-settle-export",
    ),
    path("tasks/<int:task_id>/settle", settling.DisputeApi.as_view(), name="api-task-settle"),
    path("enrolments/<int:enrolment_id>/warn", operators.WarnApi.as_view(), name="api-enrolment-warn"),
    path("study-sets/", material.StudySetListApi.as_view(), name="api-study-sets"),
    path("study-sets/<int:set_id>/", material.StudySetApi.as_view(), name="api-study-set"),
    path(
        "study-sets/<int:set_id>/imports/", material.MaterialImportApi.as_view(), name="api-study-set-imports"
    ),
    path(
        "study-sets/<int:set_id>/sketches/",
        material.OwnSketchListApi.as_view(),
        name="api-study-set-sketches",
    ),
    path("study-sets/<int:set_id>/photos/", material.OwnPhotoListApi.as_view(), name="api-study-set-photos"),
    path("worker/export/", persons.WorkerExportApi.as_view(), name="api-worker-export"),
    path("worker/erase/", persons.WorkerEraseApi.as_view(), name="api-worker-erase"),
    path("campaigns/<int:campaign_id>/join", work.JoinApi.as_view(), name="api-campaign-join"),
    path("campaigns/<int:campaign_id>/me", work.EnrolmentApi.as_view(), name="api-campaign-me"),
    path("campaigns/<int:campaign_id>/leave", work.LeaveApi.as_view(), name="api-campaign-leave"),
    path("campaigns/<int:campaign_id>/complete", work.CompleteApi.as_view(), name="api-campaign-complete"),
    path("assignments/<int:assignment_id>/undo", work.UndoApi.as_view(), name="api-assignment-undo"),
    path("assignments/<int:assignment_id>/renew", work.RenewApi.as_view(), name="api-assignment-renew"),
    path("assignments/<int:assignment_id>/return", work.ReturnApi.as_view(), name="api-assignment-return"),
    path(
        "assignments/<int:assignment_id>/attributes",
        attributes.AttributesApi.as_view(),
        name="api-assignment-attributes",
    ),
    path(
        "assignments/<int:assignment_id>/exposure/start",
        sketches.ExposureStartApi.as_view(),
        name="api-exposure-start",
    ),
    path(
        "assignments/<int:assignment_id>/exposure/end",
        sketches.ExposureEndApi.as_view(),
        name="api-exposure-end",
    ),
    path(
        "assignments/<int:assignment_id>/sketch",
        sketches.SketchAnswerApi.as_view(),
        name="api-assignment-sketch",
    ),
    path("sketches/", sketches.SketchListApi.as_view(), name="api-sketches"),
    path("sketches/<str:key>.svg", sketches.SketchPictureApi.as_view(), name="api-sketch-picture"),
]
