"""The crowd's side of the API: join, next, vote, undo, renew, return, complete."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.identity import tokens
from annotation.identity.permissions import BearsToken, IsWorker, the_worker
from annotation.identity.personal_links import participant_entry
from annotation.identity.throttles import WorkerThrottle
from annotation.models import Campaign
from annotation.selectors.work import cards, receipt_payload
from annotation.serializers import work as s
from annotation.services.work.claims import assignments_claim
from annotation.services.work.leases import assignment_renew, assignment_return
from annotation.services.work.undos import vote_undo
from annotation.services.work.votes import Answer, vote_cast
from annotation.services.workers.enrolment import (
    PanelEntry,
    enrolment_id_of,
    enrolment_of,
    worker_complete,
    worker_join,
    worker_leave,
)
from webapp.http.client_address import client_address, limited_address

# One serializer of a kind validates every request's body, and keeps nothing of it: making one copies all its fields.
_made: dict[type[Any], Any] = {}


class WorkerApi(APIView):
    """An endpoint for whoever has joined."""

    permission_classes = [IsWorker]
    throttle_classes = [WorkerThrottle]


class TokenApi(WorkerApi):
    """The same, where the row that is read tells whether the worker's token still holds."""

    permission_classes = [BearsToken]


class JoinApi(APIView):
    """Takes part in a campaign, with consent: anonymous, by account, by a panel's link, or by a personal one.

    A panel's number without a signature resumes work only in the browser that started it. 409: another browser did.
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
        )
        body = {"worker_token": tokens.token_of(enrolment.worker), "enrolment": enrolment}
        response = Response(s.JoinedSerializer(body).data, status=status.HTTP_201_CREATED)
        tokens.remember(response, enrolment.worker)
        return response


class EnrolmentApi(TokenApi):
    """How the worker stands in a campaign: training, session, why there is nothing next."""

    @extend_schema(responses=s.EnrolmentSerializer, operation_id="campaigns_me")
    def get(self, request: Request, campaign_id: int) -> Response:
        enrolment = enrolment_of(worker=the_worker(request), campaign_id=campaign_id)
        return Response(s.EnrolmentSerializer(enrolment).data)


class NextApi(TokenApi):
    """The next assignments: what the worker holds and does not name in `have`, then new ones. 204: none.

    Asking again gives the same, so a reloaded page loses nothing.
    """

    @extend_schema(
        request=s.NextSerializer,
        responses={200: s.HandSerializer, 204: None},
        operation_id="campaigns_next",
    )
    def post(self, request: Request, campaign_id: int) -> Response:
        params = validated_body(s.NextSerializer, request)
        enrolment_id = enrolment_id_of(worker=the_worker(request), campaign_id=campaign_id)
        claim = assignments_claim(
            enrolment_id=enrolment_id, wanted=params["prefetch"], have=params["have"], now=timezone.now()
        )
        found = cards(claim.assignments, claim.enrolment)
        if not found:
            return Response(status=status.HTTP_204_NO_CONTENT)
        return Response({**found[0], "assignments": found})


class VoteApi(TokenApi):
    """Answers a triplet. The same key gives the same receipt; the answer is kept even where it counts no more."""

    @extend_schema(request=s.VoteSerializer, responses=s.ReceiptSerializer, operation_id="assignments_vote")
    def post(self, request: Request, assignment_id: int) -> Response:
        receipt = vote_cast(
            worker=the_worker(request),
            assignment_id=assignment_id,
            answer=Answer(**validated_body(s.VoteSerializer, request)),
            now=timezone.now(),
        )
        return Response(receipt_payload(receipt.vote, receipt.assignment))


class UndoApi(TokenApi):
    """Takes the answer back, by a row of its own; the assignment is open again, with the same sides."""

    @extend_schema(request=s.UndoSerializer, responses=s.UndoneSerializer, operation_id="assignments_undo")
    def post(self, request: Request, assignment_id: int) -> Response:
        receipt = vote_undo(
            worker=the_worker(request),
            assignment_id=assignment_id,
            now=timezone.now(),
            **validated_body(s.UndoSerializer, request),
        )
        expires_at = receipt.assignment.lease_expires_at
        return Response(receipt_payload(receipt.vote, receipt.assignment, expires_at=expires_at))


class RenewApi(TokenApi):
    """A whole lease from now on. 409: it ended and others have taken the task."""

    @extend_schema(request=None, responses=s.LeaseSerializer, operation_id="assignments_renew")
    def post(self, request: Request, assignment_id: int) -> Response:
        worker = the_worker(request)
        assignment = assignment_renew(worker=worker, assignment_id=assignment_id, now=timezone.now())
        return Response(s.LeaseSerializer(assignment).data)


class ReturnApi(TokenApi):
    """Gives the assignment back unanswered."""

    @extend_schema(request=None, responses=s.LeaseSerializer, operation_id="assignments_return")
    def post(self, request: Request, assignment_id: int) -> Response:
        assignment = assignment_return(worker=the_worker(request), assignment_id=assignment_id)
        return Response(s.LeaseSerializer(assignment).data)


class LeaveApi(TokenApi):
    """Gives back everything the worker holds, as when a panel's place is returned."""

    @extend_schema(request=None, responses={204: None}, operation_id="campaigns_leave")
    def post(self, request: Request, campaign_id: int) -> Response:
        worker_leave(enrolment=enrolment_of(worker=the_worker(request), campaign_id=campaign_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class CompleteApi(TokenApi):
    """The completion code, once every receipt is in and nothing is out. 409 tells what is missing."""

    @extend_schema(
        request=s.CompleteSerializer, responses=s.CompletedSerializer, operation_id="campaigns_complete"
    )
    def post(self, request: Request, campaign_id: int) -> Response:
        params = validated_body(s.CompleteSerializer, request)
        enrolment = enrolment_of(worker=the_worker(request), campaign_id=campaign_id)
        done = worker_complete(enrolment=enrolment, now=timezone.now(), **params)
        url = str(done.campaign.settings.get("completion_url", ""))
        return Response({"completion_code": done.completion_code, "completion_url": url})


def validated_body(serializer: type[Any], request: Request) -> dict[str, Any]:
    """The validated body. Raises ValidationError naming the field."""
    if serializer not in _made:
        _made[serializer] = serializer()
    return dict(_made[serializer].run_validation(request.data))
