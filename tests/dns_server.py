"""A DNS server on loopback that answers from a table, for tests: `{("example.com", "TXT"): ["v=spf1 -all"]}`."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

Zone = Mapping[tuple[str, str], Sequence[str]]


@contextmanager
def dns_server(zone: Zone, failing: frozenset[str] = frozenset()) -> Iterator[int]:
    """Yields its UDP port. Names of `failing` are answered with SERVFAIL; names of no record with NXDOMAIN."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            raw, channel = self.request
            question = dns.message.from_wire(raw)
            answer = dns.message.make_response(question)
            answer.flags |= dns.flags.RA
            asked = question.question[0]
            name, kind = asked.name.to_text(omit_final_dot=True).casefold(), dns.rdatatype.to_text(asked.rdtype)
            if name in failing:
                answer.set_rcode(dns.rcode.SERVFAIL)
            elif values := zone.get((name, kind)):
                texts = [_quoted(value) if kind == "TXT" else value for value in values]
                answer.answer.append(dns.rrset.from_text_list(asked.name, 60, "IN", kind, texts))
            elif not any(known == name for known, _ in zone):
                answer.set_rcode(dns.rcode.NXDOMAIN)
            channel.sendto(answer.to_wire(), self.client_address)

    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def _quoted(value: str) -> str:
    return " ".join(f'"{value[start : start + 255]}"' for start in range(0, max(len(value), 1), 255))
