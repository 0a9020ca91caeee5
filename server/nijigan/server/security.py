"""Keeps the sidecar on this machine."""

import ipaddress

from nijigan.core.errors import SidecarError


def loopback_address(host: str, port: int) -> str:
    """Return "host:port" as gRPC takes it.

    Raises:
        SidecarError: `host` is not a loopback address.
    """
    number = loopback_host(host)
    return f"[{number}]:{port}" if ":" in number else f"{number}:{port}"


def loopback_host(host: str) -> str:
    """Return the address that `host` means, as a number.

    Raises:
        SidecarError: `host` is not a loopback address. Names are refused but for `localhost`: what
            they stand for can change.
    """
    numbers = "127.0.0.1" if host == "localhost" else host
    try:
        address = ipaddress.ip_address(numbers)
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise SidecarError(
            f"The sidecar does not listen on {host!r}: others could reach it, and calls are not "
            "encrypted.",
            "Use 127.0.0.1, and a tunnel (ssh -L) from another machine.",
        )
    return str(address)
