"""The context of every step: the checkout, the console, and children that end with us."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from .console import Console, Step
from .failure import Diagnosis, Failure, diagnosis
from .supervisor import Family, Stopped

PREFIX = "SKETCHFIND_"  # of the site's environment variables, as in webapp.config


def variables(**settings: str) -> dict[str, str]:
    """Return environment variables by the names of the site's settings: `data_dir` gives SKETCHFIND_DATA_DIR."""
    return {PREFIX + name.upper(): text for name, text in settings.items()}


@dataclass(frozen=True, slots=True)
class Workshop:
    """`root`: the checkout. `environ`: the environment of children."""

    root: Path
    environ: Mapping[str, str]
    family: Family
    console: Console

    @property
    def data_dir(self) -> Path:
        """The folder for everything that the site writes, as in webapp.config."""
        return self.root / (self.environ.get(f"{PREFIX}DATA_DIR", "").strip() or "var")

    def run(
        self,
        title: str,
        command: Sequence[str],
        *,
        cwd: Path | None = None,
        user: str = "-",
        environ: Mapping[str, str] = MappingProxyType({}),
        diagnose: Diagnosis = diagnosis,
    ) -> None:
        """Run a command as a step that shows its latest line. Raises Failure with the line that explains a failure."""
        with self.console.step(title) as step:
            status, lines = self._run(step, command, cwd or self.root, environ, user)
            if status != 0:
                raise Failure(diagnose(title, lines))

    def check(
        self,
        title: str,
        command: Sequence[str],
        *,
        cwd: Path | None = None,
        environ: Mapping[str, str] = MappingProxyType({}),
    ) -> bool:
        """Run a command as a step. Return whether it succeeded; if not, show all its output."""
        with self.console.step(title) as step:
            status, lines = self._run(step, command, cwd or self.root, environ, "-")
            step.failed = status != 0
        if step.failed:
            self.console.line("\n".join(lines))
        return not step.failed

    def _run(
        self, step: Step, command: Sequence[str], cwd: Path, environ: Mapping[str, str], user: str
    ) -> tuple[int, list[str]]:
        lines: deque[str] = deque(maxlen=400)

        def on_line(line: str) -> None:
            lines.append(line)
            if not line.startswith("WARNING"):
                step.say(line)

        env = {**self.environ, **environ}
        status = self.family.run(step.title, command, cwd=cwd, env=env, user=user, on_line=on_line)
        if self.family.stopping:
            raise Stopped
        return status, list(lines)

    def run_parallel(self, *jobs: Callable[[], None]) -> None:
        """Run jobs in parallel. If one fails, end the others and raise its Failure."""
        with ThreadPoolExecutor(len(jobs)) as pool:
            futures = [pool.submit(job) for job in jobs]
            try:
                done, _ = wait(futures, return_when=FIRST_EXCEPTION)
                failed = [error for future in done if (error := future.exception())]
            except BaseException:  # a signal; the pool only ends once its children have
                self.family.stop()
                raise
            if failed:
                self.family.stop()
                raise failed[0]
