"""Build a gallery index in shards, so that a killed build resumes where it stopped."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.errors import IndexMismatchError
from ml.retrieval.calibration import CALIBRATION, Calibration
from ml.retrieval.centres import CENTRES, Centres
from ml.retrieval.files import put_in_place, sha256_of, write_whole
from ml.retrieval.greeting import GREETING, Greeting
from ml.retrieval.index import FILES, KEY_BYTES, MANIFEST, PRODUCTS, IndexManifest, Numbers


class IndexBuilder:
    """Builds an index batch by batch; a new builder on the same `work` folder resumes after the last complete shard.

    `work` holds the shards and is removed by `finish`. Raises IndexMismatchError if it was started with other settings.
    """

    def __init__(
        self,
        work: Path,
        *,
        encoder_sha256: str,
        code_length: int,
        embedding_dim: int,
        numbers: Numbers | None = None,
    ) -> None:
        self.work = work
        self.numbers = numbers  # of this process; another one that is equally sound may resume
        self.settings: dict[str, Any] = {
            "encoder_sha256": encoder_sha256,
            "code_length": code_length,
            "embedding_dim": embedding_dim,
            "sound": numbers is not None and numbers.sound,
        }
        work.mkdir(parents=True, exist_ok=True)
        settings = work / "settings.json"
        if settings.exists():
            if json.loads(settings.read_text()) != self.settings:
                raise IndexMismatchError(
                    str(work),
                    "started with another encoder, code length or numbers; delete it to start again",
                )
        else:
            _write_whole(settings, lambda path: path.write_text(json.dumps(self.settings)))
        self._shards = sorted(work.glob("shard-*.npz"))

    def done_ids(self) -> NDArray[np.int64]:
        """Return the ids already added, int64, in order; a resumed build may skip them."""
        parts = [np.load(shard)["ids"] for shard in self._shards]
        return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)

    def add(
        self,
        ids: NDArray[np.int64],
        embeddings: NDArray[np.floating],
        codes: NDArray[np.uint8],
        keys: NDArray[np.uint8] | None = None,
    ) -> None:
        """Append a batch; it is durable on return.

        ids: int64 (B,). embeddings: (B, D), unit length. codes: packed, uint8 (B, K / 8). keys: uint8 (B, 16), digests of
        the items' contents, zeros by default. Raises ValueError on other shapes or values that are not finite.
        """
        n, dim, n_bytes = len(ids), self.settings["embedding_dim"], self.settings["code_length"] // 8
        if embeddings.shape != (n, dim) or codes.shape != (n, n_bytes):
            raise ValueError(
                f"embeddings {embeddings.shape}, codes {codes.shape}; expected ({n}, {dim}), ({n}, {n_bytes})"
            )
        if not np.isfinite(embeddings).all():
            raise ValueError("an embedding is not finite")
        shard = self.work / f"shard-{len(self._shards):06d}.npz"
        arrays: dict[str, NDArray[Any]] = {
            "ids": np.asarray(ids, np.int64),
            "embeddings": embeddings.astype(np.float16),
            "codes": np.asarray(codes, np.uint8),
            "keys": np.zeros((n, KEY_BYTES), np.uint8) if keys is None else keys.reshape(n, KEY_BYTES),
        }
        _write_whole(shard, lambda path: _save_arrays(path, arrays))
        self._shards.append(shard)

    def finish(
        self,
        final: Path,
        *,
        built_at: str,
        keep: NDArray[np.int64] | None = None,
        centres: Centres | None = None,
        products: Mapping[int, int] | None = None,
    ) -> IndexManifest:
        """Join the shards into the folder `final`, which appears completely or not at all, and remove the work folder.

        Rows are ordered by id, so that an index does not depend on the order in which it was built. keep: the ids to
        include; others, which were withdrawn after they were added, are left out. built_at: ISO 8601. centres: what the
        embeddings were centred on, if the encoder takes centres. products: the product that each id shows; None if
        each shows another.
        """
        aside = final.with_name(f".{final.name}.aside")
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        order = self._order(keep)
        n = len(order)
        shapes: dict[str, tuple[tuple[int, ...], type]] = {
            "ids": ((n,), np.int64),
            "codes": ((n, self.settings["code_length"] // 8), np.uint8),
            "embeddings": ((n, self.settings["embedding_dim"]), np.float16),
            "keys": ((n, KEY_BYTES), np.uint8),
        }
        for name, (shape, dtype) in shapes.items():
            self._join(aside / f"{name}.npy", name, shape, dtype, order)
        names = list(FILES)
        if centres is not None:
            (aside / CENTRES).write_bytes(centres.content())
            names.append(CENTRES)
        if products is not None:
            ids = np.load(aside / "ids.npy").tolist()
            of_rows = np.array([products[item] for item in ids], np.int64)
            if len(np.unique(of_rows)) < n:  # otherwise searches need not know
                np.save(aside / PRODUCTS, of_rows)
                names.append(PRODUCTS)
        manifest = IndexManifest(
            encoder_sha256=self.settings["encoder_sha256"],
            code_length=self.settings["code_length"],
            embedding_dim=self.settings["embedding_dim"],
            n=n,
            files={name: sha256_of(aside / name) for name in names},
            built_at=built_at,
            numbers=self.numbers,
        )
        (aside / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1))
        put_in_place(aside, final)
        shutil.rmtree(self.work)
        return manifest

    def _order(self, keep: NDArray[np.int64] | None) -> NDArray[np.int64]:
        """Return the places in the shards of the rows to keep, by ascending id; the first if an id was added twice."""
        ids, places = np.unique(self.done_ids(), return_index=True)
        return places if keep is None else places[np.isin(ids, keep)]

    def _join(
        self, path: Path, name: str, shape: tuple[int, ...], dtype: type, order: NDArray[np.int64]
    ) -> None:
        if not shape[0]:  # nothing to map
            np.save(path, np.empty(shape, dtype))
            return
        joined = np.lib.format.open_memmap(path, mode="w+", dtype=dtype, shape=shape)
        by_place = np.argsort(order)  # rows of the index in the order of the shards
        start = 0
        for shard in self._shards:
            part = np.load(shard)[name]
            first, last = np.searchsorted(order, [start, start + len(part)], sorter=by_place)
            rows = by_place[first:last]
            joined[rows] = part[order[rows] - start]
            start += len(part)
        joined.flush()


def add_calibration(folder: Path, calibration: Calibration) -> IndexManifest:
    """Add a calibration to a finished index that nobody has opened for queries yet; its manifest changes."""
    return _add(folder, CALIBRATION, calibration.content())


def add_greeting(folder: Path, greeting: Greeting) -> IndexManifest:
    """Add a greeting, likewise."""
    return _add(folder, GREETING, greeting.content())


def _add(folder: Path, name: str, content: bytes) -> IndexManifest:
    write_whole(folder / name, content)
    manifest = IndexManifest.read(folder)
    files = {**manifest.files, name: sha256_of(folder / name)}
    manifest = replace(manifest, files=files)
    write_whole(folder / MANIFEST, json.dumps(asdict(manifest), indent=1).encode())
    return manifest


def _save_arrays(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    with path.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]  # the stub takes keywords for its own options


def _write_whole(path: Path, write: Callable[[Path], object]) -> None:
    aside = path.with_name(f".{path.name}.aside")
    write(aside)
    with aside.open("rb") as file:
        os.fsync(file.fileno())
    aside.rename(path)
