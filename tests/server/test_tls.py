"""Calls from other machines: encrypted, from clients that may, or not at all."""

import os
import subprocess
import sys

import grpc
import numpy as np
import pytest
import trustme

from nijigan.client import connect
from nijigan.client.errors import CertificateError, SidecarNotRunningError, StylizerError
from nijigan.core.errors import SidecarError
from nijigan.server.auth import read_token
from nijigan.server.remote import RemoteStylizer
from nijigan.server.sidecar import Options
from nijigan.server.testing import FakeStylizer, running_sidecar
from nijigan.server.tls import Tls
from nijigan.v1 import stylizer_pb2 as pb
from nijigan.v1.stylizer_pb2_grpc import StylizerServiceStub

SECONDS = 20


class Authority:
    """A root that signs certificates; files of them in a folder."""

    def __init__(self, folder):
        folder.mkdir()
        self._folder, self._ca = folder, trustme.CA()
        self.root = folder / "root.pem"
        self._ca.cert_pem.write_to_path(self.root)

    def issue(self, name):
        """Return the files of a certificate for a host and of its key."""
        issued = self._ca.issue_cert(name)
        certificate, key = self._folder / f"{name}.pem", self._folder / f"{name}.key"
        issued.cert_chain_pems[0].write_to_path(certificate)
        issued.private_key_pem.write_to_path(key)
        return certificate, key


def texts(paths):
    """As our client takes them."""
    return tuple(map(str, paths))


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tls") / "ours")


@pytest.fixture(scope="module")
def other(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tls") / "other")


@pytest.fixture(scope="module")
def sidecar(authority):
    tls = Tls(*authority.issue("127.0.0.1"))
    with running_sidecar(stylizer=FakeStylizer(), options=Options(tls=tls)) as running:
        yield running


def test_our_client_draws_over_tls(sidecar, authority):
    pixels = np.random.default_rng(0).integers(0, 256, (1500, 1400, 4), np.uint8)
    address = f"tls://{sidecar.address}"
    with connect(address, sidecar.token, str(authority.root)) as client:
        for _ in range(2):
            result = client.stylize(pixels.tobytes(), 1400, 1500, style="any")
            drawn = np.frombuffer(result.pixels, np.uint8).reshape(pixels.shape)
            assert np.array_equal(drawn[..., :3], 255 - pixels[..., :3])


def test_a_stock_client_draws_over_tls(sidecar, authority):
    credentials = grpc.ssl_channel_credentials(authority.root.read_bytes())
    with grpc.secure_channel(sidecar.address, credentials) as channel:
        info = StylizerServiceStub(channel).GetServerInfo(
            pb.GetServerInfoRequest(),
            timeout=SECONDS,
            metadata=[("authorization", f"Bearer {sidecar.token}")],
        )
    assert info.api_level == 1


def test_this_user_s_client_finds_it_by_itself(sidecar, authority, monkeypatch):
    monkeypatch.setenv("NIJIGAN_HOME", str(sidecar.home))
    monkeypatch.setenv("NIJIGAN_CA", str(authority.root))
    with connect() as client:
        assert client.server_info().api_level == 1


def test_a_sidecar_that_another_root_vouches_for_is_not_trusted(sidecar, other):
    with pytest.raises(CertificateError, match=r"is not accepted .unable to get local issuer"):
        connect(f"tls://{sidecar.address}", sidecar.token, str(other.root))


def test_a_certificate_of_another_host_is_not_trusted(authority):
    options = Options(tls=Tls(*authority.issue("example.org")))
    with (
        running_sidecar(stylizer=FakeStylizer(), options=options) as sidecar,
    ):
        with pytest.raises(CertificateError, match=r"is not accepted .*mismatch"):
            connect(f"tls://{sidecar.address}", sidecar.token, str(authority.root))
        with pytest.raises(SidecarError, match=r"tls://NAME:PORT, and its root with --ca"):
            RemoteStylizer(f"tls://{sidecar.address}", ca=authority.root)


def test_calls_that_are_not_encrypted_are_not_answered(sidecar):
    with connect(sidecar.address, sidecar.token) as client, pytest.raises(StylizerError):
        client.server_info()


def test_encrypted_calls_to_a_sidecar_that_is_not(authority):
    with (
        running_sidecar(stylizer=FakeStylizer()) as plain,
        pytest.raises(SidecarNotRunningError, match="Nothing answers"),
    ):
        connect(f"tls://{plain.address}", plain.token, str(authority.root))


def test_the_token_is_needed_all_the_same(sidecar, authority):
    address = f"tls://{sidecar.address}"
    with (
        connect(address, "x" * 40, str(authority.root)) as client,
        pytest.raises(StylizerError) as caught,
    ):
        client.server_info()
    assert caught.value.reason == "UNAUTHENTICATED"


def test_clients_must_show_a_certificate_where_that_is_wanted(authority, other):
    tls = Tls(*authority.issue("127.0.0.1"), client_ca=authority.root)
    options = Options(tls=tls)
    with running_sidecar(stylizer=FakeStylizer(), options=options) as sidecar:
        address, root = f"tls://{sidecar.address}", str(authority.root)
        with connect(address, sidecar.token, root, texts(authority.issue("artist"))) as client:
            assert client.server_info().api_level == 1
        for shown in (None, texts(other.issue("stranger"))):
            with (
                pytest.raises(StylizerError),
                connect(address, sidecar.token, root, shown) as client,
            ):
                client.server_info()


def test_other_addresses_are_listened_on_where_calls_are_encrypted(authority, monkeypatch):
    monkeypatch.setenv("NIJIGAN_CA", str(authority.root))
    options = Options(host="0.0.0.0", tls=Tls(*authority.issue("127.0.0.1")))
    with running_sidecar(stylizer=FakeStylizer(), options=options) as sidecar:
        for address in (f"tls://127.0.0.1:{sidecar.port}", None):
            with connect(address, sidecar.token) as client:
                client.server_info()


def test_and_not_where_they_are_not():
    start = running_sidecar(stylizer=FakeStylizer(), options=Options(host="0.0.0.0"))
    with pytest.raises(SidecarError, match="not encrypted"), start:
        pass


def test_files_that_are_no_certificates(authority, other, tmp_path):
    certificate, key = authority.issue("127.0.0.1")
    junk = tmp_path / "junk.pem"
    junk.write_text("junk")
    for tls in (
        Tls(certificate, other.issue("127.0.0.1")[1]),
        Tls(junk, key),
        Tls(certificate, key, junk),
        Tls(certificate, tmp_path / "none"),
    ):
        start = running_sidecar(stylizer=FakeStylizer(), options=Options(tls=tls))
        with pytest.raises(SidecarError, match=r"certificate"), start:
            pass


@pytest.mark.skipif(sys.platform == "win32", reason="the folder's rights protect it there")
def test_a_token_of_one_s_own(tmp_path):
    path = tmp_path / "token"
    path.write_text("a" * 40 + "\n")
    path.chmod(0o600)
    assert read_token(path) == "a" * 40
    path.chmod(0o640)
    with pytest.raises(SidecarError, match="can be read by others"):
        read_token(path)
    for text in ("short", "a" * 600, "a b" * 20, ""):
        path.chmod(0o600)
        path.write_text(text)
        with pytest.raises(SidecarError, match="has no token"):
            read_token(path)
    with pytest.raises(SidecarError, match="cannot be read"):
        read_token(tmp_path / "none")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no systemd there")
def test_a_credential_of_systemd_s_may_have_an_access_list(tmp_path, monkeypatch):
    path = tmp_path / "token"
    path.write_text("a" * 40)
    path.chmod(0o440)
    with pytest.raises(SidecarError, match="read by others"):
        read_token(path)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert read_token(path) == "a" * 40
    path.chmod(0o444)
    with pytest.raises(SidecarError, match="read by others"):
        read_token(path)


def test_from_the_command_line(authority, toy_style, tmp_path):
    from PIL import Image

    token = tmp_path / "token"
    token.write_text("t" * 40)
    token.chmod(0o600)
    certificate, key = authority.issue("127.0.0.1")
    own = authority.issue("artist")
    environment = {**os.environ, "NIJIGAN_HOME": str(tmp_path / "home")}
    run = [sys.executable, "-c", "from nijigan.core.cli import main; main()"]
    serve = [*run, "serve", "--host", "0.0.0.0", "--styles", toy_style, "--token-file", token]
    serve += ["--tls-cert", certificate, "--tls-key", key, "--tls-client-ca", authority.root]
    Image.new("RGB", (32, 20), "teal").save(tmp_path / "photo.png")
    with subprocess.Popen(serve, stdout=subprocess.PIPE, env=environment, text=True) as server:
        port = server.stdout.readline().strip().rpartition(":")[2]
        draw = [*run, "stylize", tmp_path / "photo.png", "-o", tmp_path / "drawn.png"]
        draw += ["--style", "toy", "--address", f"tls://127.0.0.1:{port}", "--ca", authority.root]
        elsewhere = {**os.environ, "NIJIGAN_HOME": str(tmp_path), "NIJIGAN_TOKEN": "t" * 40}
        cert = ["--client-cert", own[0], "--client-key", own[1]]
        refused = subprocess.run(draw, env=elsewhere, capture_output=True, text=True, check=False)
        subprocess.run([*draw, *cert], env=elsewhere, check=True)
        server.terminate()
        assert server.wait(SECONDS) == 0
    assert refused.returncode == SidecarError.exit_code
    assert refused.stderr.count("\n") == 1
    with Image.open(tmp_path / "drawn.png") as drawn:
        assert drawn.size == (32, 20)
