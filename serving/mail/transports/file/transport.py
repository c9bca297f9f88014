"""Each message becomes a file `<data>/mail/<when>-<hash>.eml`, which any mail program opens. Nothing leaves the machine."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

from domain.ids import new_id
from domain.outreach.retries import Phase, Reply
from domain.settings import Settings
from serving.mail.base import Envelope, Outcome
from serving.mail.servers import Server

FOLDER = "mail"
"""In the data folder."""


class FileTransport:
    name = "file"
    repeats_for = timedelta()
    usual = None
    needs = ""
    signs = False

    def connect(self, server: Server, settings: Settings) -> FileConnection:  # noqa: ARG002  there is none
        return FileConnection(settings.data.dir / FOLDER)


class FileConnection:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, envelope: Envelope) -> Outcome:
        """A file is there whole or not at all."""
        digest = hashlib.sha256(envelope.message).hexdigest()[:12]
        unfinished = self._folder / f".{digest}.part"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(envelope.message)
            unfinished.replace(self._folder / f"{new_id()}-{digest}.eml")
        except OSError as error:
            return Reply(451, f"the file was not written: {error.strerror}", Phase.DATA)
        return Reply(250, "kept as a file; nothing left this machine", Phase.DATA)

    async def close(self) -> None:
        """Nothing is held open."""


TRANSPORT = FileTransport()
