"""Handing over to Resend."""
