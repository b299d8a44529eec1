from django.urls import path

from annotation.models import Kind
from annotation.views import studio, work

urlpatterns = [
    path("annotate/", work.campaigns, name="campaigns"),
    path("annotate/<slug:slug>/", work.work, {"kind": Kind.TRIPLETS}, name="annotate"),
    path("attributes/<slug:slug>/", work.work, {"kind": Kind.ATTRIBUTES}, name="attributes"),
    path("collect/<slug:slug>/", work.work, {"kind": Kind.SKETCHES}, name="collect"),
    path("studio/campaigns/", studio.campaigns, name="studio-campaigns"),
    path("studio/campaigns/new/", studio.campaign_new, name="studio-campaign-new"),
    path("studio/campaigns/<int:campaign_id>/", studio.campaign, name="studio-campaign"),
    path("studio/campaigns/<int:campaign_id>/edit/", studio.campaign_edit, name="studio-campaign-edit"),
    path("studio/campaigns/<int:campaign_id>/settle/", studio.campaign_settle, name="studio-campaign-settle"),
    path(
        "studio/campaigns/<int:campaign_id>/disputes/",
        studio.campaign_disputes,
        name="studio-campaign-disputes",
    ),
    path("studio/campaigns/audit/", studio.audit_log, name="studio-audit"),
]
