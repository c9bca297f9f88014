"""Whether mail will be taken: the domain doctor and the copy lint, over HTTP and on the command line."""
