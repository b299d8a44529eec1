"""The checkout being worked on and what every step needs: a place for progress, children that end with us."""

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

PREFIX = "SKETCHFIND_"  # of the site's environment variables, as webapp.config has it


def variables(**settings: str) -> dict[str, str]:
    """Environment variables by the names of the site's settings: `data_dir` gives SKETCHFIND_DATA_DIR."""
    return {PREFIX + name.upper(): text for name, text in settings.items()}


@dataclass(frozen=True, slots=True)
class Workshop:
    """`root`: the checkout. `environ`: what children find in their environment."""

    root: Path
    environ: Mapping[str, str]
    family: Family
    console: Console

    @property
    def data_dir(self) -> Path:
        """Folder of everything the site writes, as webapp.config reads it."""
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
        """Runs a command as a step that shows its latest line. Raises Failure with the line that says why."""
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
        """Runs a command as a step and tells whether it went well; where not, all that it said is shown."""
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

    def together(self, *jobs: Callable[[], None]) -> None:
        """Runs jobs side by side. When one fails, the others are ended and its Failure is raised."""
        with ThreadPoolExecutor(len(jobs)) as pool:
            futures = [pool.submit(job) for job in jobs]
            try:
                done, _ = wait(futures, return_when=FIRST_EXCEPTION)
                failed = [error for future in done if (error := future.exception())]
            except BaseException:  # a signal: the pool only ends once its children have
                self.family.stop()
                raise
            if failed:
                self.family.stop()
                raise failed[0]
