"""Nothing but Health.Check("") answers without the token."""

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from nijigan.core.errors import SidecarError
from nijigan.server.auth import new_token
from nijigan.server.security import address_of, listening_host
from nijigan.v1 import stylizer_pb2 as pb
from nijigan.v1.stylizer_pb2_grpc import StylizerServiceStub

SECONDS = 10
CALLS = {
    "GetServerInfo": lambda channel, metadata: StylizerServiceStub(channel).GetServerInfo(
        pb.GetServerInfoRequest(), timeout=SECONDS, metadata=metadata
    ),
    "ListStyles": lambda channel, metadata: StylizerServiceStub(channel).ListStyles(
        pb.ListStylesRequest(), timeout=SECONDS, metadata=metadata
    ),
    "GetStyle": lambda channel, metadata: StylizerServiceStub(channel).GetStyle(
        pb.GetStyleRequest(name="toy"), timeout=SECONDS, metadata=metadata
    ),
    "Stylize": lambda channel, metadata: list(
        StylizerServiceStub(channel).Stylize(iter([]), timeout=SECONDS, metadata=metadata)
    ),
    "Health.Check of a style": lambda channel, metadata: health_pb2_grpc.HealthStub(channel).Check(
        health_pb2.HealthCheckRequest(service="nijigan.v1.styles.toy"),
        timeout=SECONDS,
        metadata=metadata,
    ),
    "Health.Watch": lambda channel, metadata: list(
        health_pb2_grpc.HealthStub(channel).Watch(
            health_pb2.HealthCheckRequest(), timeout=SECONDS, metadata=metadata
        )
    ),
    "reflection": lambda channel, metadata: list(
        reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(
            iter([reflection_pb2.ServerReflectionRequest(list_services="")]),
            timeout=SECONDS,
            metadata=metadata,
        )
    ),
    "a method that is not there": lambda channel, metadata: channel.unary_unary(
        "/nijigan.v1.StylizerService/Nothing"
    )(b"", timeout=SECONDS, metadata=metadata),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("header", [None, "", "Bearer ", "Bearer wrong", "bearer {}", "{}", "{}x"])
def test_a_call_without_the_token_is_refused(sidecar, client, name, header):
    metadata = () if header is None else (("authorization", header.format(sidecar.token)),)
    with pytest.raises(grpc.RpcError) as caught:
        CALLS[name](client.channel, metadata)
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert client.error_info(caught.value).reason == "UNAUTHENTICATED"
    assert sidecar.token not in caught.value.details()


def test_the_health_of_the_sidecar_is_no_secret(client):
    answer = health_pb2_grpc.HealthStub(client.channel).Check(
        health_pb2.HealthCheckRequest(), timeout=SECONDS
    )
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_tokens_are_long_and_never_the_same():
    assert len({new_token() for _ in range(100)}) == 100
    assert len(new_token()) >= 43  # 256 bits in base64


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", "127.0.0.1:7"), ("localhost", "127.0.0.1:7"), ("::1", "[::1]:7")],
)
def test_loopback_addresses(host, expected):
    assert address_of(listening_host(host, encrypted=False), 7) == expected


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "example.org", "", "127.0.0.1.x"])
def test_other_addresses_are_refused(host):
    with pytest.raises(SidecarError, match="does not listen"):
        listening_host(host, encrypted=False)
