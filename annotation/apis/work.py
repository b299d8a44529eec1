"""The crowd's side of the API: join, next, vote, undo, renew, return, complete."""

from __future__ import annotations

from typing import Any

from django.middleware.csrf import get_token
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.errors import BlockedError
from annotation.identity import tokens
from annotation.identity.permissions import HasWorkerToken, IsWorker, request_worker
from annotation.identity.personal_links import participant_entry
from annotation.identity.throttles import WorkerThrottle
from annotation.models import Campaign
from annotation.selectors.work import cards, receipt_payload
from annotation.serializers import work as s
from annotation.services.tasks.round_jobs import claim_or_request
from annotation.services.work.leases import assignment_renew, assignment_return
from annotation.services.work.undos import vote_undo
from annotation.services.work.votes import Answer, vote_cast
from annotation.services.workers.early import early_rules_apply
from annotation.services.workers.endings import participation_end
from annotation.services.workers.enrolment import (
    PanelEntry,
    enrolment_id_of,
    enrolment_of,
    worker_join,
    worker_leave,
)
from webapp.http.client_address import client_address, limited_address

# One instance per serializer class validates all bodies: it keeps no state, and creating one copies all its fields.
_serializers: dict[type[Any], Any] = {}


class WorkerApi(APIView):
    """An endpoint for workers who have joined."""

    permission_classes = [IsWorker]
    throttle_classes = [WorkerThrottle]


class TokenApi(WorkerApi):
    """A worker endpoint whose own query verifies that the worker's token is still valid."""

    permission_classes = [HasWorkerToken]


class JoinApi(APIView):
    """Join a campaign, with consent: anonymously, by account, by a panel's link or by a personal link.

    A participant ID without a signature resumes work only in the browser that started it; in others it gives 409.
    """

    throttle_classes = [WorkerThrottle]
    json_max_bytes = 10_000

    @extend_schema(
        request=s.JoinSerializer, responses={201: s.JoinedSerializer}, operation_id="campaigns_join"
    )
    def post(self, request: Request, campaign_id: int) -> Response:
        params = validated_body(s.JoinSerializer, request)
        now = timezone.now()
        panel = PanelEntry(**params["panel"]) if params["panel"] else None
        if params["participant"]:
            panel = participant_entry(params["participant"], campaign_id=campaign_id, now=now)
        enrolment = worker_join(
            campaign=get_object_or_404(Campaign, pk=campaign_id),
            consent=params["consent"],
            panel=panel,
            user=tokens.user_of(request),
            worker=tokens.worker_of(request),
            browser_key=params["browser_key"],
            address=limited_address(client_address(request)),
            now=now,
            consent_version=params["consent_version"],
        )
        body = {"worker_token": tokens.token_of(enrolment.worker), "enrolment": enrolment}
        response = Response(s.JoinedSerializer(body).data, status=status.HTTP_201_CREATED)
        tokens.set_worker_cookie(response, enrolment.worker)
        get_token(request._request)  # sets its cookie: all may have been deleted since the page was loaded
        return response


class EnrolmentApi(TokenApi):
    """Retrieve the worker's enrolment: practice, session, why there may be no next task, and what they have earned."""

    @extend_schema(responses=s.EnrolmentSerializer, operation_id="campaigns_me")
    def get(self, request: Request, campaign_id: int) -> Response:
        enrolment = enrolment_of(worker=request_worker(request), campaign_id=campaign_id)
        return Response(s.EnrolmentSerializer(enrolment).data)


class NextApi(TokenApi):
    """Claim the next assignments: held ones that are not listed in `have`, then new ones. 204 if there are none.

    Repeating the request gives the same assignments, so reloading the page loses nothing.
    """

    @extend_schema(
        request=s.NextSerializer,
        responses={200: s.NextAssignmentsSerializer, 204: None},
        operation_id="campaigns_next",
    )
    def post(self, request: Request, campaign_id: int) -> Response:
        params = validated_body(s.NextSerializer, request)
        enrolment_id = enrolment_id_of(worker=request_worker(request), campaign_id=campaign_id)
        claim = claim_or_request(
            enrolment_id=enrolment_id, wanted=params["prefetch"], have=params["have"], now=timezone.now()
        )
        early_rules_apply(claim.enrolment)
        if claim.enrolment.blocked:
            raise BlockedError(claim.enrolment.block_reason)
        found = cards(claim.assignments, claim.enrolment)
        if not found:
            return Response(status=status.HTTP_204_NO_CONTENT)
        return Response({**found[0], "assignments": found})


class VoteApi(TokenApi):
    """Answer a triplet. The same key gives the same receipt; an answer that no longer counts is stored all the same."""

    @extend_schema(request=s.VoteSerializer, responses=s.ReceiptSerializer, operation_id="assignments_vote")
    def post(self, request: Request, assignment_id: int) -> Response:
        receipt = vote_cast(
            worker=request_worker(request),
            assignment_id=assignment_id,
            answer=Answer(**validated_body(s.VoteSerializer, request)),
            now=timezone.now(),
        )
        return Response(receipt_payload(receipt.vote, receipt.assignment))


class UndoApi(TokenApi):
    """Undo an answer, by a new row. The assignment is open again, with the same sides."""

    @extend_schema(request=s.UndoSerializer, responses=s.UndoneSerializer, operation_id="assignments_undo")
    def post(self, request: Request, assignment_id: int) -> Response:
        receipt = vote_undo(
            worker=request_worker(request),
            assignment_id=assignment_id,
            now=timezone.now(),
            **validated_body(s.UndoSerializer, request),
        )
        expires_at = receipt.assignment.lease_expires_at
        return Response(receipt_payload(receipt.vote, receipt.assignment, expires_at=expires_at))


class RenewApi(TokenApi):
    """Renew the lease for its full duration. 409 if it has ended and the task has been handed to others."""

    @extend_schema(request=None, responses=s.LeaseSerializer, operation_id="assignments_renew")
    def post(self, request: Request, assignment_id: int) -> Response:
        worker = request_worker(request)
        assignment = assignment_renew(worker=worker, assignment_id=assignment_id, now=timezone.now())
        return Response(s.LeaseSerializer(assignment).data)


class ReturnApi(TokenApi):
    """Return the assignment unanswered."""

    @extend_schema(request=None, responses=s.LeaseSerializer, operation_id="assignments_return")
    def post(self, request: Request, assignment_id: int) -> Response:
        assignment = assignment_return(worker=request_worker(request), assignment_id=assignment_id)
        return Response(s.LeaseSerializer(assignment).data)


class LeaveApi(TokenApi):
    """Return all held assignments, for example when the participant returns their place in the study."""

    @extend_schema(request=None, responses={204: None}, operation_id="campaigns_leave")
    def post(self, request: Request, campaign_id: int) -> Response:
        worker_leave(enrolment=enrolment_of(worker=request_worker(request), campaign_id=campaign_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class CompleteApi(TokenApi):
    """End the participation, and get its code: finished, screened out or, with `leave`, early.

    Every answer needs its receipt, and none may be outstanding. 409 says what is missing. The worker may continue later.
    """

    @extend_schema(
        request=s.CompleteSerializer, responses=s.EndedSerializer, operation_id="campaigns_complete"
    )
    def post(self, request: Request, campaign_id: int) -> Response:
        params = validated_body(s.CompleteSerializer, request)
        enrolment = enrolment_of(worker=request_worker(request), campaign_id=campaign_id)
        early_rules_apply(enrolment)
        ended = participation_end(enrolment=enrolment, now=timezone.now(), **params)
        return Response(s.EndedSerializer(ended).data)


def validated_body(serializer: type[Any], request: Request) -> dict[str, Any]:
    """Return the validated body. Raises ValidationError naming the field."""
    return dict(_serializer(serializer).run_validation(request.data))


def _serializer(kind: type[Any]) -> Any:
    if kind not in _serializers:
        _serializers[kind] = kind()
    return _serializers[kind]
