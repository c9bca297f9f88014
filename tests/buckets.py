"""An S3-compatible store on the loopback: moto, fetched by uv into an environment of its own, ended by its id."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx
import pytest

MOTO = "moto[server]==5.2.1"
NAME = "lake"


@dataclass(frozen=True, slots=True)
class Bucket:
    """One empty bucket, and the settings of a lake whose files go there."""

    address: str

    @property
    def settings(self) -> dict[str, object]:
        return {
            "data_path": f"s3://{NAME}/agency",
            "s3_endpoint": self.address.removeprefix("http://"),
            "s3_key_id": "test",
            "s3_secret": "test",
            "s3_use_ssl": False,
        }

    def objects(self) -> dict[str, bytes]:
        """Every object by its key."""
        found: dict[str, bytes] = {}
        token = ""
        while True:
            asked = {"list-type": "2", **({"continuation-token": token} if token else {})}
            page = ET.fromstring(httpx.get(f"{self.address}/{NAME}", params=asked).content)
            for key in page.iterfind(".//{*}Contents/{*}Key"):
                found[str(key.text)] = httpx.get(f"{self.address}/{NAME}/{key.text}").content
            token = page.findtext("{*}NextContinuationToken") or ""
            if not token:
                return found


@contextmanager
def bucket() -> Iterator[Bucket]:
    """Skips the test where moto cannot be had."""
    uv = shutil.which("uv") or str(Path(sys.executable).parent / "uv")
    command = [uv, "tool", "run", "--from", MOTO, "moto_server", "-H", "127.0.0.1", "-p", "0"]
    if subprocess.run([*command[:5], "python", "-c", "import moto"], capture_output=True, check=False).returncode:
        pytest.skip(f"{MOTO} cannot be installed here")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            assert process.stdout is not None
            address = next(
                found[0] for line in process.stdout if (found := re.search(r"http://127\.0\.0\.1:\d+", line))
            )
            deadline = time.monotonic() + 30
            while httpx.put(f"{address}/{NAME}").status_code != httpx.codes.OK:
                assert time.monotonic() < deadline
                time.sleep(0.2)
            yield Bucket(address)
        finally:
            process.terminate()
            process.wait(20)
