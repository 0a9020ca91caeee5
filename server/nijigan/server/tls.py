"""Encryption, without which the sidecar listens to this machine alone."""

import ssl
from dataclasses import dataclass
from pathlib import Path

import grpc

from nijigan.core.errors import SidecarError


@dataclass(frozen=True)
class Tls:
    """PEM files.

    certificate: of the sidecar, and of those between it and the root. key: the certificate's.
    client_ca: the root of the certificates that clients must show (mTLS); none where None.
    """

    certificate: Path
    key: Path
    client_ca: Path | None = None

    def credentials(self) -> grpc.ServerCredentials:
        """Read the files.

        Raises:
            SidecarError: one cannot be read, or they do not belong together.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            context.load_cert_chain(self.certificate, self.key)
            if self.client_ca is not None:
                context.load_verify_locations(self.client_ca)
        except ssl.SSLError as error:
            raise SidecarError(
                f"{self.certificate}, {self.key} and what clients must show are no certificates "
                f"that can be used ({error.reason or error}).",
                "Give PEM files: --tls-cert, the --tls-key of it, and --tls-client-ca.",
            ) from error
        except OSError as error:
            raise SidecarError(
                f"A certificate or key cannot be read ({error}).", "Check the paths."
            ) from error
        roots = None if self.client_ca is None else self.client_ca.read_bytes()
        return grpc.ssl_server_credentials(
            [(self.key.read_bytes(), self.certificate.read_bytes())],
            roots,
            require_client_auth=roots is not None,
        )
