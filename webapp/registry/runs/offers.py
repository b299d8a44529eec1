"""What a run can be requested with here: profiles that some machine can train, snapshots with something to learn from."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from ml.errors import ConfigError
from webapp.registry.ml_gateway import training_options
from webapp.registry.models import DatasetSnapshot, WorkerBeat
from webapp.registry.runs.process.devices import local_devices

GPU_PROFILE = "gpu"  # of any system; the others train on processors as well
_ALIVE = timedelta(minutes=1)
_GPU = "cuda"  # in the label of a worker's device


def has_gpu() -> bool:
    """Return whether a worker that trains has a GPU; without such workers, whether this machine has one."""
    beats = WorkerBeat.objects.filter(alive_at__gt=timezone.now() - _ALIVE)
    devices = [beat.device for beat in beats if "train" in beat.queues]
    if not devices:
        return any(device.gpu for device in local_devices())
    return any(_GPU in device for device in devices)


def unavailable_profiles() -> list[str]:
    """Return the names of the profiles that no machine of the site can train."""
    names = {profile["name"] for system in training_options() for profile in system["profiles"]}
    return sorted(names & ({GPU_PROFILE} if not has_gpu() else set()))


def profile_check(profile: str) -> None:
    """Raises ConfigError if no machine of the site can train the profile."""
    if profile == GPU_PROFILE and not has_gpu():
        raise ConfigError(
            "profile", "gpu needs a GPU, and no training worker has one; choose another profile"
        )


def is_empty(snapshot: DatasetSnapshot) -> bool:
    """Return whether there is nothing to train on: neither triplets nor sketches of known products.

    Registered datasets have been checked when they were registered.
    """
    counts = snapshot.facts.get("counts", {})
    if snapshot.format != "snapshot" or "triplets" not in counts:
        return False
    return not (counts["triplets"] or counts.get("sketches"))
