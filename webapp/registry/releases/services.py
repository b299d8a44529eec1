"""Models into the registry, releases out of it, and the pointer at the live one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from ml.errors import SketchfindError
from ml.retrieval.files import sha256_of
from ml.retrieval.index import MANIFEST as INDEX_MANIFEST
from ml.serving.encoder import Encoder
from ml.serving.manifest import MANIFEST, ModelManifest
from webapp.accounts.models import User
from webapp.registry.models import IndexBuild, LivePointer, ModelVersion, Release, ReleaseEvent, TrainingRun
from webapp.stores import artifacts


class ReleaseConflictError(SketchfindError):
    """The pointer stands elsewhere than its mover thought, or cannot move so."""


def model_register(
    *, folder: Path, by: User | None = None, training_run: TrainingRun | None = None
) -> ModelVersion:
    """The model version of a model folder, copied into the registry unless it is there already.

    Raises ModelError when a file is missing or altered, or the encoder does not run.
    """
    manifest = ModelManifest.read(folder)
    sha256 = sha256_of(folder / MANIFEST)
    name = f"models/{sha256[:20]}"
    known = ModelVersion.objects.filter(sha256=sha256).first()
    if known and artifacts.exists(known.folder, MANIFEST):
        return known
    encoder = Encoder.load(folder)  # verifies the hash and runs it once
    files = [file for file in (*manifest.files, manifest.card) if (folder / file).is_file()]
    artifacts.publish(folder, name, files, last=MANIFEST)
    if known:
        return known
    card = folder / manifest.card
    row, _ = ModelVersion.objects.get_or_create(
        sha256=sha256,
        defaults={
            "name": manifest.name,
            "version": manifest.version,
            "system": manifest.system,
            "encoder_sha256": encoder.sha256,
            "folder": name,
            "manifest": manifest.raw,
            "card": card.read_text() if card.is_file() else "",
            "training_run": training_run,
            "created_by": by,
        },
    )
    return row


def release_create(*, index_build: IndexBuild, by: User | None = None, note: str = "") -> Release:
    """The release of a ready index build; the existing one where there is one."""
    if index_build.status != IndexBuild.Status.READY:
        raise ReleaseConflictError("index_build", f"{index_build.status}, only a ready build makes a release")
    release, _ = Release.objects.get_or_create(
        index_build=index_build,
        defaults={
            "model_sha256": index_build.model_sha256,
            "index_sha256": index_build.sha256,
            "note": note,
            "created_by": by,
        },
    )
    return release


@dataclass(frozen=True)
class Move:
    """A move of the pointer, and the release that is live by it."""

    event: ReleaseEvent
    release: Release


@transaction.atomic
def release_promote(
    *, release: Release, by: User | None = None, reason: str = "", expected_number: int | None = None
) -> Move:
    """Makes `release` live. With `expected_number`, only if the pointer has made just so many moves.

    Raises ReleaseConflictError when it is live already, or somebody else moved the pointer meanwhile.
    """
    pointer = _promotable(release, expected_number)
    return _move(pointer, ReleaseEvent.Kind.PROMOTE, release, pointer.promotion, by, reason)


@transaction.atomic
def release_refresh(
    *, release: Release, by: User | None = None, reason: str = "", expected_number: int | None = None
) -> Move:
    """Puts `release` in the place of the live one: the same model with an index of today's catalogue.

    A rollback afterwards goes to where one from the replaced release would have gone: however often the
    catalogue changed since a promotion, one press takes it back.
    """
    pointer = _promotable(release, expected_number)
    undoes_to = pointer.promotion.undoes_to if pointer.promotion else None
    return _move(pointer, ReleaseEvent.Kind.PROMOTE, release, undoes_to, by, reason)


def _promotable(release: Release, expected_number: int | None) -> LivePointer:
    """The locked pointer, where `release` may go live. Raises ReleaseConflictError where it may not."""
    _check_kept(release)
    pointer = _locked_pointer(expected_number)
    if pointer.release_id == release.pk:
        raise ReleaseConflictError("release", f"{release.pk} is live already")
    return pointer


@transaction.atomic
def release_rollback(*, by: User | None = None, reason: str = "", expected_number: int | None = None) -> Move:
    """Makes the release live that the live one replaced; once more goes one further back.

    Raises ReleaseConflictError when there is none, or somebody else moved the pointer meanwhile.
    """
    pointer = _locked_pointer(expected_number)
    promotion = pointer.promotion
    if promotion is None or promotion.undoes_to is None:
        raise ReleaseConflictError("release", "there is no earlier release to return to")
    _check_kept(promotion.undoes_to.release)
    return _move(
        pointer, ReleaseEvent.Kind.ROLLBACK, promotion.undoes_to.release, promotion.undoes_to, by, reason
    )


def _check_kept(release: Release) -> None:
    if not artifacts.exists(release.index_build.folder, INDEX_MANIFEST):
        raise ReleaseConflictError("release", f"{release.pk}: its index is no longer kept; build it again")


def _locked_pointer(expected_number: int | None) -> LivePointer:
    LivePointer.objects.get_or_create(pk=1)
    pointer = LivePointer.objects.select_for_update().get(pk=1)
    if expected_number is not None and pointer.number != expected_number:
        raise ReleaseConflictError(
            "expected_number", f"the live release was changed meanwhile (move {pointer.number})"
        )
    return pointer


def _move(
    pointer: LivePointer,
    kind: ReleaseEvent.Kind,
    release: Release,
    undoes_to: ReleaseEvent | None,
    by: User | None,
    reason: str,
) -> Move:
    """Writes the event and moves the pointer.

    A promotion undoes to the promotion before it; a rollback lands on the promotion that it returns to, as if
    what came after had not been.
    """
    event = ReleaseEvent.objects.create(
        number=pointer.number + 1,
        kind=kind,
        release=release,
        replaced_id=pointer.release_id,
        undoes_to=undoes_to,
        by=by,
        reason=reason,
    )
    pointer.release, pointer.number = release, event.number
    pointer.promotion = event if kind == ReleaseEvent.Kind.PROMOTE else undoes_to
    pointer.save()
    return Move(event, release)
