"""Every error that nijigan raises on purpose can go over the wire."""

import re

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from nijigan.core.errors import BusyError, NijiganError, StyleNotFoundError
from nijigan.server.status import to_status


def leaves(kind=NijiganError):
    return [kind, *(leaf for child in kind.__subclasses__() for leaf in leaves(child))]


@pytest.mark.parametrize("kind", leaves(), ids=lambda kind: kind.__name__)
def test_every_error_has_a_code_and_a_reason_that_clients_can_branch_on(kind):
    assert re.fullmatch(r"[A-Z][A-Z0-9_]+", kind.reason)
    status = to_status(kind("The fact.", "The remedy."), {})
    assert status.code is grpc.StatusCode[kind.grpc_code]
    assert status.code is not grpc.StatusCode.OK


def test_no_two_errors_share_a_reason():
    reasons = [kind.reason for kind in leaves()]
    assert sorted(reasons) == sorted(set(reasons))


def details(status):
    ((key, value),) = status.trailing_metadata
    assert key == "grpc-status-details-bin"
    return Status.FromString(value)


def test_the_status_has_one_error_info():
    status = to_status(StyleNotFoundError("No style is named 'x'.", "Did you?"), {"request": "7"})
    rich = details(status)
    (packed,) = rich.details
    info = ErrorInfo.FromString(packed.value)
    assert status.details == rich.message == "No style is named 'x'. Did you?"
    assert rich.code == grpc.StatusCode.NOT_FOUND.value[0]
    assert (info.reason, info.domain) == ("STYLE_NOT_FOUND", "nijigan")
    assert dict(info.metadata) == {"request": "7", "remedy": "Did you?"}


def test_a_busy_sidecar_says_when_to_come_back():
    info, retry = details(to_status(BusyError("Full."), {})).details
    assert ErrorInfo.FromString(info.value).reason == "SERVER_BUSY"
    assert RetryInfo.FromString(retry.value).retry_delay.ToMilliseconds() == 1000


def test_long_texts_are_cut_and_the_remedy_stays_whole():
    status = to_status(StyleNotFoundError(f"No {'x' * 10**5}.", "Do this."), {"log": "y" * 10**5})
    (packed,) = details(status).details
    info = ErrorInfo.FromString(packed.value)
    assert status.details == f"No {'x' * 296}… Do this."
    assert dict(info.metadata) == {"log": "y" * 299 + "…", "remedy": "Do this."}
