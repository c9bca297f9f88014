"""`python -m serving.deliverability example.com`: the domain doctor on the command line. Ends with 1 where a check fails."""

from __future__ import annotations

import argparse
import sys

from domain.deliverability.records import State
from domain.errors import LeadhouseError
from serving.deliverability.resolver import DnsResolver
from serving.deliverability.service import examined, overall

_MARKS = {State.PASS: "ok  ", State.FAIL: "FAIL", State.UNKNOWN: "?   "}


def main() -> int:
    """Prints one line a check, and what to do below it."""
    asked = argparse.ArgumentParser(prog="leadhouse domain", description="Whether a domain is ready to send mail.")
    asked.add_argument("domain")
    asked.add_argument("--selector", action="append", default=[], help="DKIM selector; repeatable")
    asked.add_argument("--spf-include", default="", help="what SPF must include, e.g. _spf.google.com")
    asked.add_argument("--address", action="append", default=[], help="IP address of an own mail server; repeatable")
    asked.add_argument("--tracking-host", default="", help="host of tracked links")
    asked.add_argument("--tracking-target", default="", help="where that host must point")
    asked.add_argument("--nameserver", default="", help="ask this one, as address or address:port")
    given = asked.parse_args()
    server, _, port = given.nameserver.partition(":")
    try:
        findings = examined(
            DnsResolver(server, int(port or 53)),
            given.domain,
            selectors=given.selector,
            spf_include=given.spf_include,
            addresses=given.address,
            tracking_host=given.tracking_host,
            tracking_target=given.tracking_target,
        )
    except LeadhouseError as problem:
        print(problem, file=sys.stderr)
        return 2
    for finding in findings:
        print(f"{_MARKS[finding.state]}  {finding.check:<8}  {finding.summary}")
        if finding.advice:
            print(f"                → {finding.advice}")
    return int(overall(findings) is State.FAIL)


if __name__ == "__main__":
    sys.exit(main())
