"""Fixtures for tests of the sidecar: one that serves the toy style, and a stock gRPC client."""

import grpc
import numpy as np
import pytest
from google.rpc.error_details_pb2 import ErrorInfo
from grpc_status import rpc_status

from nijigan.server.testing import running_sidecar
from nijigan.v1 import stylizer_pb2 as pb
from nijigan.v1.stylizer_pb2_grpc import StylizerServiceStub


class StockClient:
    """Calls as any gRPC client can: generated stubs, default options, the token in metadata."""

    def __init__(self, sidecar, token=None):
        self.metadata = [("authorization", f"Bearer {token or sidecar.token}")]
        self.channel = grpc.insecure_channel(sidecar.address)
        self.stub = StylizerServiceStub(self.channel)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.channel.close()

    def ask(self, method, request, timeout=10):
        return getattr(self.stub, method)(request, timeout=timeout, metadata=self.metadata)

    def start(self, requests, timeout=20):
        """Begin a call of Stylize; iterate over what it returns, or cancel it."""
        return self.stub.Stylize(iter(requests), timeout=timeout, metadata=self.metadata)

    def stylize(self, pixels, **settings):
        """Return all messages that came, and the result as an array of the shape of `pixels`."""
        responses = list(self.start(self.requests(pixels, **settings)))
        data = b"".join(response.chunk for response in responses)
        return responses, np.frombuffer(data, np.uint8).reshape(pixels.shape)

    def refusal(self, requests):
        """Return the code, the reason and the text that a call of Stylize is refused with."""
        with pytest.raises(grpc.RpcError) as caught:
            list(self.start(requests))
        return (
            caught.value.code().name,
            self.error_info(caught.value).reason,
            caught.value.details(),
        )

    @staticmethod
    def requests(pixels, chunk_bytes=1 << 20, **settings):
        """The messages that send `pixels` (H, W, 3 or 4)."""
        height, width, channels = pixels.shape
        content = {
            "style": "toy",
            "width_px": width,
            "height_px": height,
            "format": pb.PICTURE_FORMAT_RGBA8 if channels == 4 else pb.PICTURE_FORMAT_RGB8,
            **settings,
        }
        yield pb.StylizeRequest(settings=pb.StylizeSettings(**content))
        data = pixels.tobytes()
        for start in range(0, len(data), chunk_bytes):
            yield pb.StylizeRequest(chunk=data[start : start + chunk_bytes])

    @staticmethod
    def error_info(error):
        """The one ErrorInfo of a failed call."""
        details = rpc_status.from_call(error).details
        (packed,) = [detail for detail in details if detail.Is(ErrorInfo.DESCRIPTOR)]
        return ErrorInfo.FromString(packed.value)


@pytest.fixture(scope="session")
def stock_client():
    """The class above."""
    return StockClient


@pytest.fixture(scope="module")
def sidecar(toy_style):
    """A sidecar that serves the toy style; it lives through all tests of a file."""
    with running_sidecar([toy_style]) as running:
        yield running


@pytest.fixture
def client(sidecar):
    """A stock client of it."""
    with StockClient(sidecar) as connected:
        yield connected


@pytest.fixture
def pixels():
    """A small picture, (H, W, 4), whose alpha is neither opaque nor uniform."""
    return np.random.default_rng(1).integers(0, 256, (48, 36, 4), np.uint8)
