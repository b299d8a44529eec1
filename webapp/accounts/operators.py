"""What endpoints for operators share."""

from __future__ import annotations

from rest_framework.views import APIView

from webapp.accounts.authentication import IsOperator


class OperatorApi(APIView):
    """An endpoint for operators."""

    permission_classes = [IsOperator]
