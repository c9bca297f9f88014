"""Which records may be one person or one company: splink's Fellegi-Sunter model, learned from the organization's own
records, and what of it is proposed to people."""
