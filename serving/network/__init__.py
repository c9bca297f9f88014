"""From a visitor's address to the network it belongs to; the address itself is forgotten."""
