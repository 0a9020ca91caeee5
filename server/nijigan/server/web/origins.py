"""Which names a request may come in by, and which pages may send one."""

import re

from nijigan.core.errors import UsageError

_OWN_NAMES = ("127.0.0.1", "localhost", "[::1]")
_ORIGIN = re.compile(r"([a-z][a-z0-9+.-]*)://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]+)?/?")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def own_hosts(port: int) -> frozenset[str]:
    """Return what the header `Host` has in a request that was meant for this machine.

    A page of an attacker whose name was made to mean 127.0.0.1 (DNS rebinding) sends that name.
    """
    ends = (f":{port}", "") if port == 80 else (f":{port}",)
    return frozenset(name + end for name in _OWN_NAMES for end in ends)


def parse_origin(text: str) -> str:
    """Return an origin as browsers write it: scheme and name, and the port where it is not usual.

    Raises:
        UsageError: it is none. `*` and `null` are not: any page could have them.
    """
    found = _ORIGIN.fullmatch(text.lower())
    if found is None:
        raise UsageError(
            f"{text!r} is not the origin of a page.",
            "Give scheme, name and port: https://studio.example, http://127.0.0.1:3000.",
        )
    scheme, name, port = found.groups(default="")
    return f"{scheme}://{name}" + ("" if port == _DEFAULT_PORTS.get(scheme) else port)
