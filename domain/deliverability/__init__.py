"""Whether mail of a domain will be taken, as far as DNS and the words of a letter tell. Pure."""
