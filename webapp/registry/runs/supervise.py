"""One attempt at a run, on the worker that claimed it: its dataset, the process that trains, its rows, its end.

The process may fail, the disk be full, the database be away for a while: a run ends with a reason, or is left to the
next worker by a lease that runs out. What a worker does here can be repeated by another at any point.
"""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from errno import EDQUOT, ENOSPC
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections
from django.utils import timezone

from ml.errors import SketchfindError
from ml.serving.manifest import MANIFEST as MODEL
from ml.serving.manifest import ModelManifest
from webapp.jobs.heartbeat import Heartbeat
from webapp.jobs.leases import LeaseLostError
from webapp.registry import ml_gateway
from webapp.registry.datasets import snapshot_folder
from webapp.registry.models import DatasetSnapshot, TrainingRun
from webapp.registry.runs.chain import run_publish
from webapp.registry.runs.claims import LEASE, RunLease, run_claim
from webapp.registry.runs.pictures import pictures_publish
from webapp.registry.runs.process import child as process
from webapp.registry.runs.process.devices import Device, local_devices
from webapp.registry.runs.process.machine import Meter
from webapp.registry.runs.reasons import reason_of
from webapp.registry.runs.records import Records
from webapp.stores import artifacts

log = structlog.get_logger(__name__)
Status = TrainingRun.Status
Result = TypeVar("Result")

POLL_S = 0.5
BEAT_S = 5.0  # between signs of life, and looks at the machine, where nothing else happens
GRACE_S = 6.0  # for a training that is cancelled to save a checkpoint
_SOON_S = 0.05  # between looks at work that mostly takes a moment
_ANSWER = "evaluated.json"


class CancelledError(Exception):
    """The operator asked the run to end."""


class RunFailedError(Exception):
    """The run cannot be trained to its end; the message says why."""


def run_next(*, worker: str, devices: Sequence[Device] | None = None) -> int | None:
    """Claims the oldest run that this machine can train and trains it to its end; its id.

    None where none waits, and where its folder is still another's: it waits then for the reaper's next look.
    """
    found = run_claim(worker=worker, devices=devices or local_devices(), now=timezone.now())
    if found is None:
        return None
    attempt = _Attempt(found)
    # A worker takes the oldest run, whoever's message woke it: what it logs is of who asked for this one.
    with structlog.contextvars.bound_contextvars(request_id=attempt.request_id):
        was_free = attempt.run()
    return found.run_id if was_free else None


def run_folder(run_id: int) -> Path:
    """Where a run keeps its checkpoints; machines that train for one site share the folder above it."""
    folder: Path = settings.DATA_DIR / "runs" / str(run_id)
    return folder


class _Attempt:
    def __init__(self, lease: RunLease) -> None:
        self._lease = lease
        self._run = TrainingRun.objects.select_related("snapshot", "base_model").get(pk=lease.run_id)
        self._folder = run_folder(lease.run_id)
        self._trained_before_s = self._run.trained_s
        self._began = self._beat_at = time.monotonic()

    @property
    def request_id(self) -> str:
        """Of the request that asked for the run; empty where a rule did."""
        return self._run.request_id

    def run(self) -> bool:
        """Trains and writes how it ended; without a word where the run is another's by now.

        False where an earlier attempt is still at work in its folder.
        """
        try:
            self._end(Status.DONE, **self._trained())
        except LeaseLostError as lost:
            log.warning("run_taken_over", lease=str(lost))
        except process.FolderBusyError:
            self._end(Status.QUEUED)
            return False
        except CancelledError:
            self._end(Status.CANCELLED)
        except (RunFailedError, SketchfindError) as error:
            self._end(Status.FAILED, error=str(error))
        except OSError as error:
            full = error.errno in (ENOSPC, EDQUOT)
            self._end(Status.FAILED, error=f"the disk is full: {error}" if full else f"{error}")
        except (OperationalError, InterfaceError):
            raise  # the lease runs out, and another worker goes on
        except Exception as error:
            self._end(Status.FAILED, error=f"{type(error).__name__}: {error}"[:2000])
            raise
        return True

    def _end(self, status: Status, **values: Any) -> None:
        try:
            self._lease.end(status, trained_s=self._trained_s(), **values)
        except LeaseLostError as lost:
            log.warning("run_taken_over", lease=str(lost))
        else:
            log.info("run_ended", run=self._run.pk, status=status, error=values.get("error", ""))

    def _trained(self) -> dict[str, Any]:
        """The columns of a run that went well. Every step is one that an earlier attempt may have done already."""
        run, folder = self._run, self._folder
        folder.mkdir(parents=True, exist_ok=True)
        dataset = self._meanwhile(partial(snapshot_folder, run.snapshot), "dataset")
        if not run.model_versions.exists():
            self._train(dataset)
        if _servable(folder):
            measured = json.loads((folder / MODEL).read_text()).get("metrics") or {}
            self._write(stage="publish")
            with Heartbeat(self._beat):
                run_publish(run=run, folder=folder)
        else:
            measured = self._evaluate(dataset)
        with Heartbeat(self._beat):
            pictures = pictures_publish(run=run, folder=folder)
        return {"measured": measured, "pictures": pictures, "stage": "", "step_s": None}

    def _train(self, dataset: Path) -> None:
        run = self._run
        asked: dict[str, Any] = {"system": run.system, "format": run.snapshot.format, "profile": run.profile}
        told = ml_gateway.train_arguments(
            **asked, root=run.snapshot.folder, out=f"runs/{run.pk}", settings=run.config
        )
        arguments = ml_gateway.train_arguments(
            **asked, root=dataset, out=self._folder, settings=self._settings()
        )
        command = shlex.join(["python", "-m", "ml", *told])
        asked_by = f", request {run.request_id}" if run.request_id else ""
        begins = process.attempt_note(self._lease.attempt, f"{run.worker}, {run.device}{asked_by}: {command}")
        self._write(command=command)
        self._process(arguments, processes=run.processes, begins=begins)

    def _settings(self) -> dict[str, Any]:
        """The run's settings with datasets and its base model as folders of this machine."""
        run, config = self._run, ml_gateway.current_names(self._run.config)
        profile = ml_gateway.profile_of(run.system, run.snapshot.format, run.profile)
        for field in profile["fields"]:
            name, value = field["name"], config.get(field["name"])
            if field["type"] == "snapshot" and value is not None:
                other = DatasetSnapshot.objects.get(pk=value)
                config[name] = self._meanwhile(partial(snapshot_folder, other), "dataset")
                if field["format_field"]:
                    config[field["format_field"]] = other.format
            elif field["type"] == "snapshots" and value:
                others = [DatasetSnapshot.objects.get(pk=one) for one in value]
                folders = [self._meanwhile(partial(snapshot_folder, other), "dataset") for other in others]
                config[name] = [
                    f"{other.format}:{folder}" for other, folder in zip(others, folders, strict=True)
                ]
        if run.base_model is not None:
            manifest = ModelManifest.parse(run.base_model.manifest)
            files = [*manifest.files, MODEL]
            config["base"] = artifacts.local_folder(run.base_model.folder, files)
        return config

    def _evaluate(self, dataset: Path) -> dict[str, Any]:
        """What the test split says of the model; nothing where it cannot be measured there."""
        self._write(stage="evaluate", step_s=None)
        answer = self._folder / _ANSWER
        arguments = ml_gateway.evaluate_arguments(
            format=self._run.snapshot.format, root=dataset, model=self._folder, sheets=self._folder / "sheets"
        )
        try:
            self._process(arguments, answer=answer)
            found = json.loads(answer.read_text().splitlines()[-1])
        except (RunFailedError, ValueError, IndexError) as error:
            process.note(self._folder, f"warning: not measured on the test split: {error}")
            return {}
        return {name: value for name, value in found.items() if _is_figure(value)}

    def _process(
        self, arguments: list[str], *, processes: int = 1, answer: Path | None = None, begins: str = ""
    ) -> None:
        """Runs a command of `ml` to its end. Raises RunFailedError, CancelledError, LeaseLostError.

        begins: what the log says before it does.
        """
        records = Records(self._run, self._lease, self._folder)
        command = ml_gateway.process_of(arguments, processes=processes)
        gpus = [device.gpu for device in self._lease.devices if device.gpu]
        with process.Child(command, self._folder, gpus=gpus, answer=answer, begins=begins) as child:
            meter = Meter(child.process.pid, list(self._lease.devices))
            cancelled = False
            while child.process.poll() is None:
                cancelled |= self._look(records, meter)
                if cancelled:
                    child.stop(grace_s=GRACE_S)
                time.sleep(POLL_S)
        while self._reached(records.write):  # to the last row that it wrote
            pass
        if cancelled:
            raise CancelledError
        if child.process.returncode != 0:
            status, said = child.process.returncode, list(records.ending)
            raise RunFailedError(reason_of(status, said, peak_bytes=meter.peak_bytes))

    def _look(self, records: Records, meter: Meter) -> bool:
        """Writes what is new; whether the run is to be cancelled. A database that is away is waited for."""
        if due := time.monotonic() - self._beat_at >= BEAT_S:
            records.machine(meter.look())

        def look() -> bool:
            records.write(**({"trained_s": self._trained_s()} if due else {}))
            return self._lease.cancel_requested()

        return self._reached(look)

    def _beat(self) -> None:
        self._lease.keep()
        self._beat_at = time.monotonic()

    def _write(self, **values: Any) -> None:
        self._reached(lambda: self._lease.keep(**values))

    def _reached(self, ask: Callable[[], Result]) -> Result:
        """What the database answers, however long it takes as long as nobody else can have the run.

        Raises LeaseLostError, and what the database failed with when that time is over.
        """
        while True:
            try:
                answer = ask()
            except (OperationalError, InterfaceError):
                if time.monotonic() - self._beat_at > LEASE.total_seconds() * 0.7:
                    raise
                close_old_connections()
                time.sleep(POLL_S)
            else:
                if time.monotonic() - self._beat_at >= BEAT_S:
                    self._beat_at = time.monotonic()
                return answer

    def _meanwhile(self, work: Callable[[], Result], stage: str) -> Result:
        """Does what may take long in a thread, and keeps the lease."""
        self._write(stage=stage)
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(work)
            while not future.done():
                time.sleep(_SOON_S)
                if time.monotonic() - self._beat_at >= BEAT_S:
                    self._write()
                    if self._lease.cancel_requested():
                        future.cancel()
                        raise CancelledError
            return future.result()

    def _trained_s(self) -> float:
        return self._trained_before_s + time.monotonic() - self._began


def _servable(folder: Path) -> bool:
    """Whether a trained folder can answer searches: it has an encoder beside its manifest."""
    try:
        manifest = ModelManifest.read(folder)
    except SketchfindError:
        return False
    return manifest.onnx_file(manifest.precision) in manifest.files


def _is_figure(value: object) -> bool:
    return isinstance(value, int | float) or (isinstance(value, dict) and "value" in value)
