"""Load for a server on this machine: wrk where it is installed, otherwise a client of our own; and an open-loop client."""

from __future__ import annotations

import asyncio
import json
import math
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections import deque
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from bench.events import ADDRESSES, BROWSERS, RANDOM, TIMED

WRK_SCRIPT = """
local ffi = require("ffi")
ffi.cdef("typedef struct { long s; long us; } moment; int gettimeofday(moment *, void *);")
local now = ffi.new("moment")
local pieces, timed = %s, %s
local agents, addresses = %s, %s
local n, prefix = 0, nil
init = function(args)
  math.randomseed(tonumber(args[1]))
  prefix = string.format("%%06x", math.random(0, 0xffffff))
end
request = function()
  local out = {pieces[1]}
  ffi.C.gettimeofday(now, nil)
  local ms = tonumber(now.s) * 1000 + math.floor(tonumber(now.us) / 1000)
  for i = 2, #pieces do
    n = n + 1
    local tail = string.format("%%03x-8%%03x-%%s%%06x", math.random(0, 0xfff), math.random(0, 0xfff), prefix, n %% 0x1000000)
    local head = string.format("%%08x-%%04x", math.random(0, 0x7fffffff), math.random(0, 0xffff))
    out[#out + 1] = (timed and string.format("%%.0f", ms) or head) .. "-4" .. tail
    out[#out + 1] = pieces[i]
  end
  return wrk.format("POST", nil, {
    ["content-type"] = "application/json",
    ["origin"] = "https://www.example.com",
    ["user-agent"] = agents[1 + n %% #agents],
    ["x-forwarded-for"] = addresses[1 + n %% #addresses],
  }, table.concat(out))
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What a client saw. Latencies in milliseconds."""

    requests: int
    seconds: float
    errors: int
    p50: float
    p99: float
    client: str


def has_wrk() -> bool:
    return shutil.which("wrk") is not None


def closed_loop(url: str, template: str, *, connections: int, seconds: float) -> Load:
    """As many requests as `connections` can carry one after the other."""
    if has_wrk():
        return _wrk(url, template, connections, seconds)
    return _own(url, template, connections, seconds, rate=0)


def open_loop(url: str, template: str, *, connections: int, seconds: float, rate: float) -> Load:
    """`rate` requests a second whatever the answers do; latency counts from the moment a request was due."""
    return _own(url, template, connections, seconds, rate=rate)


def _wrk(url: str, template: str, connections: int, seconds: float) -> Load:
    pieces, agents, addresses = (
        json.dumps([*values]).replace("[", "{", 1)[:-1] + "}"
        for values in (template.split(_mark(template)), BROWSERS, ADDRESSES)
    )
    is_timed = json.dumps(_mark(template) == TIMED)
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "load.lua"
        script.write_text(WRK_SCRIPT % (pieces, is_timed, agents, addresses), encoding="utf-8")
        seed = str(random.randrange(1 << 30))
        command = [
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{seconds:.0f}s",
            "--latency",
            "-s",
            str(script),
            url,
            "--",
            seed,
        ]
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"(\d+) requests in ([\d.]+)(m?s)", out)
    assert found, out
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    broken = sum(int(number) for number in re.findall(r"(?:connect|read|write|timeout) (\d+)", out))
    return Load(
        int(found[1]),
        float(found[2]) / (1000 if found[3] == "ms" else 1),
        (int(refused[1]) if refused else 0) + broken,
        _milliseconds(out, "50%"),
        _milliseconds(out, "99%"),
        "wrk",
    )


def _mark(template: str) -> str:
    return TIMED if TIMED in template else RANDOM


def _milliseconds(out: str, name: str) -> float:
    found = re.search(rf"{name}\s+([\d.]+)(us|ms|s)", out)
    assert found, out
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]]


def _own(url: str, template: str, connections: int, seconds: float, *, rate: float) -> Load:
    """In a process of its own, so that the client's work is not the caller's."""
    given = json.dumps([url, template, connections, seconds, rate])
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"], input=given, stdout=subprocess.PIPE, text=True, check=True
    )
    return Load(**json.loads(done.stdout))


class _Connection(asyncio.Protocol):
    """One request at a time on one connection; reads as much of an answer as is needed to know its end."""

    def __init__(self, client: _Client) -> None:
        self.client = client
        self.due = 0.0
        self.buffer = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name
        self.client.idle.append(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  the protocol's signature
        self.client.errors += not self.client.is_over

    def send(self, due: float) -> None:
        self.due = due
        assert self.transport is not None
        self.transport.write(self.client.request())

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, end, rest = self.buffer.partition(b"\r\n\r\n")
        if not end:
            return
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        if len(rest) < (int(length[1]) if length else 0):
            return
        self.buffer = b""
        self.client.done(self, head)


class _Client:
    def __init__(self, url: str, template: str, rate: float) -> None:
        parts = urlsplit(url)
        self.host, self.port = parts.hostname or "127.0.0.1", parts.port or 80
        self.path = parts.path + (f"?{parts.query}" if parts.query else "")
        self.pieces = [piece.encode() for piece in template.split(_mark(template))]
        self.is_timed = _mark(template) == TIMED
        self.length = sum(map(len, self.pieces)) + 36 * (len(self.pieces) - 1)
        self.rate = rate
        self.idle: deque[_Connection] = deque()
        self.latencies: list[float] = []
        self.errors = 0
        self.sent = 0
        self.is_over = False
        self.heads = [self._head(agent, address) for agent, address in zip(BROWSERS * 10, ADDRESSES, strict=True)]

    def _head(self, agent: str, address: str) -> bytes:
        return (
            f"POST {self.path} HTTP/1.1\r\nhost: {self.host}\r\ncontent-type: application/json\r\norigin: https://www.example.com\r\n"
            f"user-agent: {agent}\r\nx-forwarded-for: {address}\r\ncontent-length: {self.length}\r\n\r\n"
        ).encode()

    def request(self) -> bytes:
        self.sent += 1
        parts = [self.heads[self.sent % len(self.heads)], self.pieces[0]]
        for piece in self.pieces[1:]:
            made = str(uuid.uuid4())
            parts += [(f"{time.time_ns() // 1_000_000}{made[13:]}" if self.is_timed else made).encode(), piece]
        return b"".join(parts)

    def done(self, connection: _Connection, head: bytes) -> None:
        now = time.perf_counter()
        self.latencies.append(now - connection.due)
        self.errors += head[9:10] != b"2"
        if self.rate or self.is_over:
            self.idle.append(connection)
        else:
            connection.send(now)

    async def run(self, connections: int, seconds: float) -> Load:
        loop = asyncio.get_running_loop()
        for _ in range(connections):
            await loop.create_connection(lambda: _Connection(self), self.host, self.port)
        began = time.perf_counter()
        if self.rate:
            await self._pace(began, seconds)
        else:
            while self.idle:
                self.idle.popleft().send(time.perf_counter())
            await asyncio.sleep(seconds)
        took = time.perf_counter() - began
        self.is_over = True
        await asyncio.sleep(0.2)
        few = len(self.latencies) < 2  # a machine so busy that next to nothing was answered
        cuts = [math.inf] * 99 if few else statistics.quantiles(self.latencies, n=100)
        client = "own client (asyncio, one process)"
        return Load(len(self.latencies), took, self.errors, cuts[49] * 1000, cuts[98] * 1000, client)

    async def _pace(self, began: float, seconds: float) -> None:
        number = 0
        while (now := time.perf_counter()) - began < seconds:
            while self.idle and began + number / self.rate <= now:
                self.idle.popleft().send(began + number / self.rate)
                number += 1
            await asyncio.sleep(0.0005)


def main() -> None:
    import uvloop

    url, template, connections, seconds, rate = json.load(sys.stdin)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(asdict(runner.run(_Client(url, template, rate).run(connections, seconds)))))


if __name__ == "__main__":
    main()
