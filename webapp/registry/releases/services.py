"""Register models, create releases, and move the pointer at the live one."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, count
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
    """The pointer is not where the caller expected, or cannot make this move."""


def model_register(
    *, folder: Path, by: User | None = None, training_run: TrainingRun | None = None
) -> ModelVersion:
    """Return the model version of a model folder, copied into the registry unless it is already there.

    Raises ModelError if a file is missing or altered, or the encoder does not run.
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
            "version": _free_version(manifest.name, manifest.version, training_run),
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


def _free_version(name: str, version: str, run: TrainingRun | None) -> str:
    """Return the version under which a model is registered: its own unless another model of that name has it.

    Then with its training run, or else with a number.
    """
    taken = set(ModelVersion.objects.filter(name=name).values_list("version", flat=True))
    own = (version, f"{version}, run {run.pk}".removeprefix(", ")) if run else (version,)
    numbered = (f"{version} ({number})".strip() for number in count(2))
    return next(one for one in chain(own, numbered) if one not in taken)


def release_create(*, index_build: IndexBuild, by: User | None = None, note: str = "") -> Release:
    """Return the release of a ready index build, creating it if necessary."""
    if index_build.status != IndexBuild.Status.READY:
        raise ReleaseConflictError(
            "index_build", f"{index_build.status}; only a ready build can become a release"
        )
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
    """A move of the pointer, and the release that it made live."""

    event: ReleaseEvent
    release: Release


@transaction.atomic
def release_promote(
    *, release: Release, by: User | None = None, reason: str = "", expected_number: int | None = None
) -> Move:
    """Make `release` live. With `expected_number`, only if the pointer has made exactly that many moves.

    Raises ReleaseConflictError if it is already live, or somebody else has moved the pointer since.
    """
    pointer = _promotable(release, expected_number)
    return _move(pointer, ReleaseEvent.Kind.PROMOTE, release, pointer.promotion, by, reason)


@transaction.atomic
def release_refresh(
    *, release: Release, by: User | None = None, reason: str = "", expected_number: int | None = None
) -> Move:
    """Replace the live release by `release`: the same model with an index of today's catalogue.

    A later rollback goes where a rollback of the replaced release would have gone: however often the catalogue has
    changed since a promotion, one rollback undoes it.
    """
    pointer = _promotable(release, expected_number)
    undoes_to = pointer.promotion.undoes_to if pointer.promotion else None
    return _move(pointer, ReleaseEvent.Kind.PROMOTE, release, undoes_to, by, reason)


def _promotable(release: Release, expected_number: int | None) -> LivePointer:
    """Return the locked pointer if `release` may go live. Raises ReleaseConflictError if not."""
    _check_kept(release)
    pointer = _locked_pointer(expected_number)
    if pointer.release_id == release.pk:
        raise ReleaseConflictError("release", f"{release.pk} is already live")
    return pointer


@transaction.atomic
def release_rollback(*, by: User | None = None, reason: str = "", expected_number: int | None = None) -> Move:
    """Return to the release that the live one replaced; a second call goes back one more.

    Raises ReleaseConflictError if there is none, or somebody else has moved the pointer since.
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
        raise ReleaseConflictError("release", f"{release.pk}: its index has been deleted; build it again")


def _locked_pointer(expected_number: int | None) -> LivePointer:
    LivePointer.objects.get_or_create(pk=1)
    pointer = LivePointer.objects.select_for_update().get(pk=1)
    if expected_number is not None and pointer.number != expected_number:
        raise ReleaseConflictError(
            "expected_number", f"the live release has changed since (move {pointer.number})"
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
    """Write the event and move the pointer.

    Undoing a promotion leads to the promotion before it. A rollback lands on the promotion that it returns to, as if
    later ones had never happened.
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
