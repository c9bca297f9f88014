"""What a new client may know from an agency's other clients: switches, what may be told, and the chances made of it."""
