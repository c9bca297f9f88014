"""Reports of Resend."""
