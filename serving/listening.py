"""Taking a port: the one asked for, or the next free one."""

from __future__ import annotations

import errno
import socket

from domain.errors import NotConfigured

TRIES = 50


def bind(host: str, port: int) -> socket.socket:
    """A listening socket on `port`, or on the next free one when that is taken; 0 lets the system choose.

    Raises NotConfigured when the address is not this machine's or no port is free.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in [port] if port == 0 else range(port, min(port + TRIES, 65536)):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
        except OSError as error:
            listener.close()
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                continue
            raise NotConfigured(
                f"cannot listen on {host}: {error.strerror}", hint="Set LEADHOUSE_WEB__HOST."
            ) from error
        listener.listen(2048)
        listener.set_inheritable(True)
        return listener
    raise NotConfigured(f"no free port from {port} on {host}", hint="Set LEADHOUSE_WEB__PORT to a free one.")
