"""Encryption of calls to a sidecar on another machine."""

import os
import ssl
from typing import Optional, Tuple


def tls_context(
    ca: Optional[str] = None, certificate: Optional[Tuple[str, str]] = None
) -> ssl.SSLContext:
    """Return what encrypts, and checks that the server is the one that it says it is.

    Args:
        ca: PEM file of the root that the server's certificate is from; if None `$NIJIGAN_CA`, else
            those that the system trusts.
        certificate: PEM files of the client's own certificate and key.

    Raises:
        OSError: a file cannot be read or used.
    """
    context = ssl.create_default_context(cafile=ca or os.environ.get("NIJIGAN_CA") or None)
    context.set_alpn_protocols(["h2"])
    if certificate is not None:
        context.load_cert_chain(*certificate)
    return context
