"""Unsafe requests that a client may send again under the same `Idempotency-Key`."""
