"""The engine of sequences: decides, hands over, settles, and reads what comes back."""
