"""How the client reads the end of a call, against the messages of google.rpc."""

import base64

import pytest
from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import ErrorInfo, Help, RetryInfo
from google.rpc.status_pb2 import Status
from hypothesis import given, settings
from hypothesis import strategies as st

from nijigan.client.errors import (
    BusyError,
    Code,
    DeadlineError,
    IncompatibleError,
    SidecarNotRunningError,
    StylizerError,
    TokenError,
)
from nijigan.client.grpc_status import error_from_headers


def details(*messages):
    status = Status(code=8, message="ignored")
    for message in messages:
        status.details.append(Any())
        status.details[-1].Pack(message)
    # gRPC leaves the padding out.
    return base64.b64encode(status.SerializeToString()).decode().rstrip("=")


def headers(number, message="", rich=""):
    return {
        ":status": "200",
        "grpc-status": str(number),
        "grpc-message": message,
        "grpc-status-details-bin": rich,
    }


def test_a_call_that_went_well():
    assert error_from_headers({":status": "200", "grpc-status": "0"}) is None


def test_everything_that_a_sidecar_says():
    info = ErrorInfo(
        reason="SERVER_BUSY", domain="nijigan", metadata={"remedy": "Wait für it.", "request": "3"}
    )
    retry = RetryInfo(retry_delay=Duration(seconds=2, nanos=500_000_000))
    sent = headers(8, "Full%3A 100 %25. Wait f%C3%BCr it.", details(Help(), retry, info))
    error = error_from_headers(sent)
    assert isinstance(error, BusyError)
    assert (error.code, error.reason) == (Code.RESOURCE_EXHAUSTED, "SERVER_BUSY")
    assert (error.message, error.remedy) == ("Full: 100 %.", "Wait für it.")
    assert str(error) == "Full: 100 %. Wait für it."
    assert (error.metadata, error.retry_seconds) == ({"request": "3"}, 2.5)


@pytest.mark.parametrize(
    ("number", "kind", "reason"),
    [
        (3, StylizerError, ""),
        (4, DeadlineError, "DEADLINE_EXCEEDED"),
        (8, StylizerError, ""),
        (12, IncompatibleError, "INCOMPATIBLE"),
        (14, SidecarNotRunningError, "SIDECAR_UNAVAILABLE"),
        (16, TokenError, "UNAUTHENTICATED"),
        (99, StylizerError, ""),
    ],
)
def test_a_status_without_details(number, kind, reason):
    error = error_from_headers(headers(number, "text"))
    assert (type(error), error.reason, error.message) == (kind, reason, "text")
    assert error.code == (number if number < 17 else Code.UNKNOWN)


def test_a_call_that_the_sidecar_cancels_is_one_that_it_left_or_that_was_too_slow():
    error = error_from_headers(headers(1, "text"))
    assert isinstance(error, SidecarNotRunningError)
    assert error.code == Code.CANCELLED
    assert "it ends, or was kept waiting" in error.message
    assert "CUT_OFF" in error.remedy


def test_an_error_of_another_domain_has_no_reason_for_us():
    sent = headers(3, "text", details(ErrorInfo(reason="OTHER", domain="example.org")))
    assert error_from_headers(sent).reason == ""


@pytest.mark.parametrize(
    "sent", [{":status": "404"}, {":status": "200"}, {}, {":status": "200", "grpc-status": "x"}]
)
def test_a_server_that_does_not_speak_grpc(sent):
    assert isinstance(error_from_headers(sent), IncompatibleError)


@settings(deadline=None)
@given(st.text(max_size=40) | st.binary(max_size=40).map(lambda b: base64.b64encode(b).decode()))
def test_damaged_details_are_left_out(rich):
    error = error_from_headers(headers(3, "text", rich))
    assert (error.message, error.code) == ("text", Code.INVALID_ARGUMENT)
