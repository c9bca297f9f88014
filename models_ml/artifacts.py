"""Trained things on disk: kept under the hash of their content, in formats that cannot run code, with words beside them.

    <root>/<model>/<hash>/   what is hashed: the files a prediction needs (LightGBM text, JSON)
    <root>/<model>/<hash>/about/   metrics, features and the model card of the run that made it

The root is a folder all processes see (`Settings.models_dir`); several machines share it as they share the lake's files.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.errors import NotFound

ABOUT = "about"


class ArtifactDamaged(NotFound):
    """The files of a model are not the ones that were saved."""

    code = "artifact_damaged"
    hint = "Train again: `leadhouse run` makes a new one."


@dataclass(frozen=True, slots=True)
class Artifact:
    """A saved model: its hash and its files' text by name."""

    model: str
    content_hash: str
    files: Mapping[str, str]


def save(root: Path, model: str, files: Mapping[str, str], about: Mapping[str, str]) -> str:
    """Writes the files once and answers their hash; the same content is never written twice. `about` may be renewed."""
    content_hash = hash_of(files)
    place = root / model / content_hash
    if not place.is_dir():
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=place.parent))
        for name, text in files.items():
            _write(draft / name, text)
        try:
            draft.rename(place)
        except OSError:  # another process saved the same content first
            shutil.rmtree(draft, ignore_errors=True)
    (place / ABOUT).mkdir(exist_ok=True)
    for name, text in about.items():
        _write(place / ABOUT / name, text)
    return content_hash


def load(root: Path, model: str, content_hash: str) -> Artifact:
    """The files saved under a hash, checked against it. Raises NotFound, or ArtifactDamaged if they were changed."""
    place = root / model / content_hash
    if not place.is_dir():
        raise NotFound(f"no model {model}/{content_hash}", hint=ArtifactDamaged.hint)
    files = {path.name: path.read_text(encoding="utf-8") for path in sorted(place.iterdir()) if path.is_file()}
    if hash_of(files) != content_hash:
        raise ArtifactDamaged(f"the files of {model}/{content_hash} were changed")
    return Artifact(model, content_hash, files)


def about(root: Path, model: str, content_hash: str, name: str) -> str:
    """One text that was put beside a model, e.g. `MODEL_CARD.md`; raises NotFound."""
    place = root / model / content_hash / ABOUT / name
    if not place.is_file():
        raise NotFound(f"nothing named {name} beside {model}/{content_hash}")
    return place.read_text(encoding="utf-8")


def hash_of(files: Mapping[str, str]) -> str:
    """SHA-256 over names and contents, in order of name, as 64 hex characters."""
    digest = hashlib.sha256()
    for name in sorted(files):
        content = files[name].encode()
        digest.update(f"{name}\x00{len(content)}\x00".encode())
        digest.update(content)
    return digest.hexdigest()


def dumps(value: Any) -> str:
    """JSON in one spelling, so that equal values hash alike."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, indent=1, allow_nan=False)


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
