"""SMTP, spoken to the server of each mailbox."""
