"""REST API for the operators' pages only."""

from __future__ import annotations

from rest_framework.generics import ListAPIView

from webapp.accounts.authentication import IsOperator
from webapp.registry.models import ReleaseEvent
from webapp.registry.releases.serializers import MoveSerializer

N_EVENTS = 100


class ReleaseEventListApi(ListAPIView[ReleaseEvent]):
    """The last moves of the live pointer: who made which release live, when and why. Newest first."""

    permission_classes = [IsOperator]
    serializer_class = MoveSerializer
    pagination_class = None
    queryset = ReleaseEvent.objects.select_related("by").order_by("-number")[:N_EVENTS]
