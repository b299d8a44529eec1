"""One attempt at a run, on the worker that claimed it: prepare the dataset, train, save rows, end.

The process may fail, the disk fill up, the database be unavailable for a while: a run either ends with a reason, or its
lease expires and the next worker takes it. Another worker can repeat everything here at any point.
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
BEAT_S = 5.0  # between heartbeats and samples of the machine's load, if nothing else happens
GRACE_S = 6.0  # for a cancelled training to save a checkpoint
_SHORT_POLL_S = 0.05  # for work that is mostly quick
_ANSWER = "evaluated.json"


class CancelledError(Exception):
    """The operator cancelled the run."""


class RunFailedError(Exception):
    """The run cannot be completed; the message says why."""


def run_next(*, worker: str, devices: Sequence[Device] | None = None) -> int | None:
    """Claim the oldest run that this machine can train and train it to its end. Return its id.

    Returns None if none waits, or if its folder is still in use: it then waits for the reaper's next pass.
    """
    found = run_claim(worker=worker, devices=devices or local_devices(), now=timezone.now())
    if found is None:
        return None
    attempt = _Attempt(found)
    # A worker takes the oldest run, whichever message woke it: its log lines get the request id of that run.
    with structlog.contextvars.bound_contextvars(request_id=attempt.request_id):
        was_free = attempt.run()
    return found.run_id if was_free else None


def run_folder(run_id: int) -> Path:
    """Return the folder of a run's checkpoints; all training machines of a site share its parent."""
    folder: Path = settings.DATA_DIR / "runs" / str(run_id)
    return folder


class _Attempt:
    def __init__(self, lease: RunLease) -> None:
        self._lease = lease
        self._run = TrainingRun.objects.select_related("snapshot", "base_model").get(pk=lease.run_id)
        self._folder = run_folder(lease.run_id)
        self._trained_before_s = self._run.trained_s
        self._started = self._beat_at = time.monotonic()

    @property
    def request_id(self) -> str:
        """The id of the request that created the run; empty if a rule did."""
        return self._run.request_id

    def run(self) -> bool:
        """Train and save the outcome, or nothing if the run belongs to another worker by now.

        Returns False if an earlier attempt is still working in its folder.
        """
        try:
            self._end(Status.DONE, **self._train_and_publish())
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
            raise  # the lease expires, and another worker continues
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

    def _train_and_publish(self) -> dict[str, Any]:
        """Return the columns of a successful run. An earlier attempt may have done any of these steps already."""
        run, folder = self._run, self._folder
        folder.mkdir(parents=True, exist_ok=True)
        dataset = self._in_thread(partial(snapshot_folder, run.snapshot), "dataset")
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
        what: dict[str, Any] = {"system": run.system, "format": run.snapshot.format, "profile": run.profile}
        displayed = ml_gateway.train_arguments(
            **what, root=run.snapshot.folder, out=f"runs/{run.pk}", settings=run.config
        )
        arguments = ml_gateway.train_arguments(
            **what, root=dataset, out=self._folder, settings=self._settings()
        )
        command = shlex.join(["python", "-m", "ml", *displayed])
        origin = f", request {run.request_id}" if run.request_id else ""
        first_line = process.attempt_note(
            self._lease.attempt, f"{run.worker}, {run.device}{origin}: {command}"
        )
        self._write(command=command, stage="prepare", step_s=None)  # until its first row names a stage
        self._process(arguments, processes=run.processes, first_line=first_line)

    def _settings(self) -> dict[str, Any]:
        """Return the run's settings with datasets and base model as local folders."""
        run, config = self._run, ml_gateway.current_names(self._run.config)
        profile = ml_gateway.profile_of(run.system, run.snapshot.format, run.profile)
        for field in profile["fields"]:
            name, value = field["name"], config.get(field["name"])
            if field["type"] == "snapshot" and value is not None:
                other = DatasetSnapshot.objects.get(pk=value)
                config[name] = self._in_thread(partial(snapshot_folder, other), "dataset")
                if field["format_field"]:
                    config[field["format_field"]] = other.format
            elif field["type"] == "snapshots" and value:
                others = [DatasetSnapshot.objects.get(pk=one) for one in value]
                folders = [self._in_thread(partial(snapshot_folder, other), "dataset") for other in others]
                config[name] = [
                    f"{other.format}:{folder}" for other, folder in zip(others, folders, strict=True)
                ]
        if run.base_model is not None:
            manifest = ModelManifest.parse(run.base_model.manifest)
            files = [*manifest.files, MODEL]
            config["base"] = artifacts.local_folder(run.base_model.folder, files)
        return config

    def _evaluate(self, dataset: Path) -> dict[str, Any]:
        """Return the metrics on the test split; empty if the model cannot be measured there."""
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
        self, arguments: list[str], *, processes: int = 1, answer: Path | None = None, first_line: str = ""
    ) -> None:
        """Run a command of `ml` to its end. Raises RunFailedError, CancelledError, LeaseLostError.

        first_line: written to the log before its output.
        """
        records = Records(self._run, self._lease, self._folder, trains=answer is None)
        command = ml_gateway.process_of(arguments, processes=processes)
        gpus = [device.gpu for device in self._lease.devices if device.gpu]
        with process.Child(command, self._folder, gpus=gpus, answer=answer, first_line=first_line) as child:
            meter = Meter(child.process.pid, list(self._lease.devices))
            cancelled = False
            while child.process.poll() is None:
                cancelled |= self._poll(records, meter)
                if cancelled:
                    child.stop(grace_s=GRACE_S)
                time.sleep(POLL_S)
        while self._retry(records.write):  # up to the last row that it wrote
            pass
        if cancelled:
            raise CancelledError
        if child.process.returncode != 0:
            status, tail = child.process.returncode, list(records.tail)
            raise RunFailedError(reason_of(status, tail, peak_bytes=meter.peak_bytes))

    def _poll(self, records: Records, meter: Meter) -> bool:
        """Save what is new. Return whether the run is to be cancelled. Waits for an unavailable database."""
        if due := time.monotonic() - self._beat_at >= BEAT_S:
            records.machine(meter.sample())

        def save() -> bool:
            records.write(**({"trained_s": self._trained_s()} if due else {}))
            return self._lease.cancel_requested()

        return self._retry(save)

    def _beat(self) -> None:
        self._lease.keep()
        self._beat_at = time.monotonic()

    def _write(self, **values: Any) -> None:
        self._retry(lambda: self._lease.keep(**values))

    def _retry(self, query: Callable[[], Result]) -> Result:
        """Return the result of `query`, repeated while the database is unavailable and the lease is certain to hold.

        Raises LeaseLostError, and the last database error once that time is over.
        """
        while True:
            try:
                result = query()
            except (OperationalError, InterfaceError):
                if time.monotonic() - self._beat_at > LEASE.total_seconds() * 0.7:
                    raise
                close_old_connections()
                time.sleep(POLL_S)
            else:
                if time.monotonic() - self._beat_at >= BEAT_S:
                    self._beat_at = time.monotonic()
                return result

    def _in_thread(self, work: Callable[[], Result], stage: str) -> Result:
        """Run what may take long in a thread, and keep the lease."""
        self._write(stage=stage)
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(work)
            while not future.done():
                time.sleep(_SHORT_POLL_S)
                if time.monotonic() - self._beat_at >= BEAT_S:
                    self._write()
                    if self._lease.cancel_requested():
                        future.cancel()
                        raise CancelledError
            return future.result()

    def _trained_s(self) -> float:
        return self._trained_before_s + time.monotonic() - self._started


def _servable(folder: Path) -> bool:
    """Return whether a trained folder can answer searches: its encoder is listed in its manifest."""
    try:
        manifest = ModelManifest.read(folder)
    except SketchfindError:
        return False
    return manifest.onnx_file(manifest.precision) in manifest.files


def _is_figure(value: object) -> bool:
    return isinstance(value, int | float) or (isinstance(value, dict) and "value" in value)
