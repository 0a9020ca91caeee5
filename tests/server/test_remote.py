"""A sidecar in place of a stylizer."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from nijigan.core.errors import (
    CancelledError,
    EngineError,
    SidecarError,
    StrengthError,
    StyleNotFoundError,
    TokenError,
    UsageError,
)
from nijigan.core.images import Picture
from nijigan.export.styles import StyleLibrary
from nijigan.server.cancel import Cancel
from nijigan.server.remote import RemoteStylizer
from nijigan.server.sidecar import Options
from nijigan.server.stylizer import Settings, Stylizer
from nijigan.server.testing import FakeStylizer, running_sidecar


@pytest.mark.parametrize("has_alpha", [False, True])
@pytest.mark.parametrize("scale", ["auto", "native", 24])
def test_it_draws_what_the_stylizer_draws(sidecar, toy_style, pixels, has_alpha, scale):
    picture = Picture(pixels[..., :3].copy(), pixels[..., 3].copy() if has_alpha else None)
    settings = Settings("toy", 0.5, "draft", scale)
    steps = []
    expected = Stylizer(StyleLibrary([toy_style])).stylize(picture, settings)
    with RemoteStylizer() as remote:
        drawn = remote.stylize(picture, settings, lambda *step: steps.append(step))
    np.testing.assert_array_equal(drawn.rgb, expected.rgb)
    assert (drawn.alpha is None) == (not has_alpha)
    if has_alpha:
        np.testing.assert_array_equal(drawn.alpha, expected.alpha)
    assert steps[-1][0] == 1.0


@pytest.mark.parametrize(
    ("settings", "error", "text"),
    [
        (Settings("toi"), StyleNotFoundError, "No style is named 'toi'. Did you mean 'toy'?"),
        (Settings("toy", strength=float("nan")), StrengthError, "The strength is nan"),
        (Settings("toy", quality="finest"), UsageError, "Known: "),
        (Settings("toy", scale=2), UsageError, "The scale is 2 pixels"),
    ],
)
def test_errors_are_those_of_the_stylizer(sidecar, pixels, settings, error, text):
    with RemoteStylizer(sidecar.address) as remote, pytest.raises(error, match=text) as caught:
        remote.stylize(Picture(pixels[..., :3]), settings)
    assert str(caught.value) == f"{caught.value.message} {caught.value.remedy}".rstrip()


def test_an_error_of_the_engine_is_one_here(pixels):
    fake = FakeStylizer(error=EngineError("It failed.", "Try another engine."))
    with (
        running_sidecar(stylizer=fake),
        RemoteStylizer() as remote,
        pytest.raises(EngineError) as caught,
    ):
        remote.stylize(Picture(pixels[..., :3]), Settings("toy"))
    assert (caught.value.message, caught.value.remedy) == ("It failed.", "Try another engine.")


def test_cancel_reaches_the_sidecar(pixels):
    fake = FakeStylizer(held=True)
    cancel = Cancel()
    with running_sidecar(stylizer=fake), RemoteStylizer() as remote:
        with pytest.raises(CancelledError):
            remote.stylize(
                Picture(pixels[..., :3]), Settings("toy"), lambda *_: cancel.set(), cancel
            )
        assert fake.cancelled.acquire(timeout=10)


@pytest.fixture
def full():
    """The stylizer of a sidecar that draws one picture for somebody, and lets nobody wait."""
    fake = FakeStylizer(held=True)
    with (
        running_sidecar(stylizer=fake, options=Options(concurrent=1, queued=0)),
        RemoteStylizer() as other,
        ThreadPoolExecutor(1) as pool,
    ):
        pool.submit(other.stylize, Picture(np.zeros((16, 16, 3), np.uint8)), Settings("toy"))
        assert fake.started.acquire(timeout=10)
        try:
            yield fake
        finally:
            fake.release()


def test_a_sidecar_that_is_full_is_asked_again(full, pixels):
    def told(_done, stage):
        if stage == "waiting for a turn":
            full.release()

    with RemoteStylizer() as remote:
        drawn = remote.stylize(Picture(pixels[..., :3]), Settings("toy"), told)
    np.testing.assert_array_equal(drawn.rgb, 255 - pixels[..., :3])


def test_who_waits_for_a_turn_can_stop(full, pixels):
    cancel = Cancel()
    with RemoteStylizer() as remote, pytest.raises(CancelledError):
        remote.stylize(Picture(pixels[..., :3]), Settings("toy"), lambda *_: cancel.set(), cancel)
    assert len(full.settings) == 1


def test_an_animation_does_not_go_on_with_a_style_that_changed(make_toy_style, monkeypatch):
    def identity(folder):
        with running_sidecar([folder]), RemoteStylizer() as remote:
            return remote.identity(Settings("toy"))["style"]

    assert identity(make_toy_style()) == identity(make_toy_style())
    assert identity(make_toy_style()) != identity(make_toy_style(working_short_side=80))
    monkeypatch.setattr("nijigan.export.style.Style.content", "")  # of a sidecar that is older
    assert identity(make_toy_style()) == "toy 1.0.0"


def test_a_sidecar_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.setenv("NIJIGAN_HOME", str(tmp_path))
    with pytest.raises(SidecarError, match="Start it with: nijigan serve"):
        RemoteStylizer()


def test_a_wrong_token(sidecar, pixels, monkeypatch):
    monkeypatch.setenv("NIJIGAN_TOKEN", "wrong")
    with RemoteStylizer(sidecar.address) as remote, pytest.raises(TokenError):
        remote.stylize(Picture(pixels[..., :3]), Settings("toy"))


@pytest.mark.parametrize("address", ["nowhere", "127.0.0.1:", ":80", "127.0.0.1:x"])
def test_what_is_no_address(address):
    with pytest.raises(UsageError, match=r"Give host:port"):
        RemoteStylizer(address)
