"""What a failure of delivery means: codes, words, and who is at fault."""

from __future__ import annotations

import pytest

from domain.replies.failures import BounceKind, BounceReason, judge_failure

HARD, SOFT, BLOCK, POLICY = BounceKind


@pytest.mark.parametrize(
    ("status", "diagnostic", "kind", "reason"),
    [
        ("5.1.1", "550 5.1.1 <ada@northwind.example>: Recipient address rejected: User unknown", HARD, "no_such_address"),
        ("5.0.0", "550 No such user here", HARD, "no_such_address"),
        ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied", HARD, "no_such_address"),
        ("5.1.2", "Host or domain name not found", HARD, "no_such_domain"),
        ("5.2.1", "550 5.2.1 The email account that you tried to reach is disabled", HARD, "mailbox_disabled"),
        ("5.2.2", "552 5.2.2 Mailbox full", SOFT, "mailbox_full"),
        ("5.2.1", "550-5.2.1 The user you are trying to contact is receiving mail at a rate that", SOFT, "try_later"),
        ("4.2.2", "452 4.2.2 over quota", SOFT, "mailbox_full"),
        ("4.4.7", "delivery time expired", SOFT, "expired"),
        ("4.1.1", "450 4.1.1 User unknown in virtual alias table", SOFT, "try_later"),
        ("5.7.1", "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using Spamhaus", BLOCK, "reputation"),
        ("5.7.26", "550-5.7.26 Unauthenticated email is not accepted due to domain's DMARC policy", BLOCK, "authentication"),
        ("5.7.1", "554 5.7.1 Message rejected as spam by content filtering", BLOCK, "spam_content"),
        ("5.1.1", "550 5.1.1 blocked: your IP is on our block list", BLOCK, "reputation"),
        ("5.7.133", "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup", POLICY, "not_permitted"),
        ("5.3.4", "552 5.3.4 Message size exceeds fixed limit", POLICY, "too_large"),
        ("5.0.0", "550 Rejected", POLICY, "not_permitted"),
        ("5.0.0", "", HARD, "undeliverable"),
        ("", "", SOFT, "unknown"),
    ],
)  # fmt: skip
def test_codes_and_words_say_whose_fault_it_is(status, diagnostic, kind, reason):
    failure = judge_failure(status, diagnostic)
    assert (failure.kind, failure.reason.value) == (kind, reason)


def test_the_remote_server_knows_better_than_the_one_that_reports():
    assert judge_failure("5.0.0", "550 5.1.1 unknown").status == "5.1.1"


def test_a_host_that_is_called_antispam_accuses_nobody():
    found = judge_failure("5.1.1", "host antispam.blocked.example said: 550 5.1.1 user unknown")
    assert found.reason is BounceReason.NO_SUCH_ADDRESS


def test_a_delay_is_no_failure():
    assert judge_failure("4.4.1", "connection timed out", is_delay=True).reason is BounceReason.DELAYED
