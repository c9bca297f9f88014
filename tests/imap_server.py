"""A real IMAP server (Dovecot) on this machine, for tests that read mailboxes. Every user's password is `pw`."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_DOVECOT = shutil.which("dovecot") or "/usr/sbin/dovecot"
_CONFIG = """\
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
first_valid_uid = 1
mail_location = maildir:{base}/mail/%n
auth_mechanisms = plain login
default_login_user = nobody
default_internal_user = nobody
mailbox_idle_check_interval = 1 s
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
passdb {{
  driver = static
  args = password=pw
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home={base}/mail/%n
}}
namespace inbox {{
  inbox = yes
}}
"""


@dataclass(frozen=True)
class ImapServer:
    """A running server and the folder with its mail."""

    base: Path
    port: int

    def deliver(self, user: str, raw: bytes) -> None:
        """Puts a message into an inbox, as a mail server does."""
        folder = self.base / "mail" / user
        places = [folder / name for name in ("tmp", "new", "cur")]
        for place in places:
            place.mkdir(parents=True, exist_ok=True)
        message = folder / "tmp" / f"{time.time_ns()}.test"
        message.write_bytes(raw)
        for path in (folder.parent, folder, *places, message):  # what the server makes beside them comes and goes
            os.chown(path, 65534, 65534)
        message.rename(folder / "new" / message.name)

    def flags(self, user: str) -> list[str]:
        """The flags of every message: `S` is seen."""
        return [path.name.partition(":2,")[2] for path in (self.base / "mail" / user / "cur").iterdir()]

    def forget_numbers(self, user: str) -> None:
        """Takes the server's list of UIDs away: it counts anew, under another UIDVALIDITY."""
        for path in (self.base / "mail" / user).glob("dovecot*"):
            path.unlink()


@contextmanager
def imap_server() -> Iterator[ImapServer]:
    """Skips where Dovecot is not installed, or whoever runs the tests may not start it (it changes its user)."""
    if not Path(_DOVECOT).exists() or os.geteuid() != 0:
        pytest.skip("Dovecot is not installed (apt-get install dovecot-imapd), or this is not root")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    base = Path(f"/tmp/leadhouse-imap-{port}")
    base.mkdir(mode=0o755)
    (base / "dovecot.conf").write_text(_CONFIG.format(base=base, port=port))
    server = subprocess.Popen([_DOVECOT, "-F", "-c", str(base / "dovecot.conf")], stderr=subprocess.PIPE)
    try:
        _wait_for(port, server)
        yield ImapServer(base, port)
    finally:
        server.terminate()
        server.wait(10)
        shutil.rmtree(base, ignore_errors=True)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        if server.poll() is not None:
            assert server.stderr is not None
            pytest.fail(server.stderr.read().decode())
        with socket.socket() as asked:
            if asked.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("Dovecot did not open its port within 20 seconds")
