"""Keeps the sidecar on this machine, or else encrypted."""

import ipaddress

from nijigan.core.errors import SidecarError


def listening_host(host: str, encrypted: bool) -> str:
    """Return the address to listen on, as a number.

    Raises:
        SidecarError: it is not a loopback address, and calls are not `encrypted`; or it is a name
            other than `localhost`: what that stands for can change.
    """
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError as error:
        raise SidecarError(
            f"The sidecar does not listen on {host!r}, which is no number.",
            "Give an IP address, such as 127.0.0.1.",
        ) from error
    if not (address.is_loopback or encrypted):
        raise SidecarError(
            f"The sidecar does not listen on {host!r}: others could reach it, and calls are not "
            "encrypted.",
            "Use 127.0.0.1, and a tunnel (ssh -L) from another machine; or give --tls-cert and "
            "--tls-key.",
        )
    return str(address)


def reachable_host(number: str) -> str:
    """Return where this machine reaches what listens on an address: on all of them, by loopback."""
    if not ipaddress.ip_address(number).is_unspecified:
        return number
    return "::1" if ":" in number else "127.0.0.1"


def address_of(number: str, port: int) -> str:
    """Return "host:port" as gRPC takes it."""
    return f"[{number}]:{port}" if ":" in number else f"{number}:{port}"
