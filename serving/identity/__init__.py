"""Who is whom, decided by people: two nodes are one person, or are not; taken back at any time."""
