"""The one line that a panel shows, and the button beside it."""

import json

import pytest

from nijigan.client._messages import Style
from nijigan.client.discovery import check_api_level
from nijigan.client.errors import (
    BusyError,
    CertificateError,
    SidecarNotRunningError,
    StylizerError,
    TokenError,
)
from nijigan_host.condition import Kind, Mend, from_error, ready
from nijigan_host.diagnostics import diagnostics
from nijigan_host.errors import CommandError, InstallError, NotInstalledError


def refused(level):
    with pytest.raises(StylizerError) as caught:
        check_api_level(level, "9.9")
    return caught.value


@pytest.mark.parametrize(
    ("error", "kind", "mend"),
    [
        (SidecarNotRunningError("None."), Kind.NOT_RUNNING, Mend.START),
        (CertificateError("Another."), Kind.TROUBLE, Mend.LOOK),
        (CommandError("None."), Kind.NOT_RUNNING, Mend.SETTINGS),
        (NotInstalledError("None."), Kind.NOT_RUNNING, Mend.INSTALL),
        (InstallError("None."), Kind.NOT_RUNNING, Mend.INSTALL),
        (TokenError("Wrong."), Kind.TROUBLE, Mend.START),
        (BusyError("Full."), Kind.TROUBLE, Mend.LOOK),
        (refused(0), Kind.INCOMPATIBLE, Mend.RESTART),
        (refused(2), Kind.INCOMPATIBLE, Mend.LOOK),
    ],
)
def test_what_mends_an_error(error, kind, mend):
    condition = from_error(error)
    assert condition[:1] + condition[2:] == (kind, mend, "", "", (), ())
    no_sidecar = type(error) is SidecarNotRunningError
    assert condition.line == ("No sidecar is running" if no_sidecar else str(error).rstrip("."))


def test_the_older_one_is_told():
    assert "Update nijigan, and restart" in from_error(refused(0)).line
    assert "Update this client, or the plugin" in from_error(refused(2)).line


def test_a_sidecar_that_answers():
    assert ready("1.2", "", (), (Style("a"), Style("b"))).line == "nijigan 1.2, 2 styles"
    none = ready("1.2", "", (), ())
    assert (none.kind, none.mend) == (Kind.NO_STYLES, Mend.STYLES_FOLDER)


def test_diagnostics_have_the_log_and_no_token(tmp_path, monkeypatch):
    monkeypatch.setenv("NIJIGAN_HOME", str(tmp_path))
    (tmp_path / "sidecar.json").write_text(json.dumps({"port": 1, "token": "secret"}))
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/sidecar.log").write_text("first\n" * 99 + "the last line\n")
    condition = ready("1.2", "127.0.0.1:51234", ("openvino",), (Style("cel"),))
    text = diagnostics("nijigan 0.1", "Krita 5.2", condition, ["nijigan", "serve"], ["It broke."])
    for part in (
        "Krita 5.2",
        "51234",
        "openvino",
        "cel",
        "nijigan serve",
        "It broke.",
        "last line",
    ):
        assert part in text
    assert "secret" not in text
    assert text.count("first") < 20
    monkeypatch.setenv("NIJIGAN_HOME", str(tmp_path / "none"))
    assert "not to be read" in diagnostics("", "", condition, [], [])
