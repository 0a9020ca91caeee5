import pytest
import torch

from nijigan.core.errors import ConfigError, ImageError
from nijigan.core.models import count_parameters
from nijigan.core.models.vae import ResidualVAE

TINY = {"latent": 3, "width": 2, "image_size": 32}


def tiny(**config):
    torch.manual_seed(0)
    return ResidualVAE(**(TINY | config))


@pytest.mark.parametrize(
    ("latent", "count"), [(128, 16_584_259), (256, 19_730_243), (512, 26_022_211)]
)
def test_it_has_the_published_size(latent, count):
    with torch.device("meta"):
        vae = ResidualVAE(latent)
        drawn, mu, logvar = vae(torch.empty(2, 3, 128, 128))
    assert count_parameters(vae) == count
    assert drawn.shape == (2, 3, 128, 128)
    assert mu.shape == logvar.shape == (2, latent)


@pytest.mark.parametrize(("output", "least"), [("tanh", -1.0), ("sigmoid", 0.0)])
def test_the_output_fills_its_range(output, least):
    vae = tiny(output=output)
    torch.nn.init.normal_(vae.decoder[-2].weight, std=100.0)
    drawn = vae.decode(torch.randn(4, 3)).detach()
    assert drawn.min() == pytest.approx(least)
    assert drawn.max() == pytest.approx(1.0)


def test_without_noise_it_draws_the_mean_and_no_picture_depends_on_its_batch_mates():
    vae = tiny().double()
    images = torch.rand(3, 3, 32, 32, dtype=torch.float64) * 2 - 1
    drawn, mu, _ = vae(images)
    torch.testing.assert_close(drawn, vae.decode(mu))
    torch.testing.assert_close(drawn[1:2], vae(images[1:2])[0])


def test_with_noise_it_draws_the_mean_and_as_many_deviations():
    vae = tiny().double()
    image, noise = torch.rand(1, 3, 32, 32).double(), torch.randn(1, 3).double()
    drawn, mu, logvar = vae(image, noise)
    torch.testing.assert_close(drawn, vae.decode(mu + noise * logvar.exp().sqrt()))
    assert not torch.allclose(drawn, vae(image)[0])


def test_draws_have_the_mean_and_the_variance():
    mu = torch.full((100_000, 1), 3.0)
    z = tiny().reparameterize(mu, torch.full_like(mu, 4.0).log(), torch.randn_like(mu))
    assert abs(z.mean() - 3) < 0.05
    assert abs(z.var() - 4) < 0.1


def test_gradients_reach_mean_and_variance_through_the_draw():
    vae = tiny()
    vae(torch.rand(2, 3, 32, 32), torch.randn(2, 3))[0].sum().backward()
    assert vae.to_mu.weight.grad.abs().sum() > 0
    assert vae.to_logvar.weight.grad.abs().sum() > 0


@pytest.mark.parametrize("output", ["tanh", "sigmoid"])
def test_what_it_draws_has_the_range_of_pictures_whatever_the_output(output):
    vae = tiny(output=output)
    torch.nn.init.normal_(vae.decoder[-2].weight, std=100.0)
    drawn = vae.draw(torch.randn(4, 3)).detach()
    assert (drawn.min(), drawn.max()) == (pytest.approx(-1.0), pytest.approx(1.0))


@pytest.mark.parametrize("size", [(64, 64), (32, 64), (16, 64)])
def test_another_size_is_refused(size):
    with pytest.raises(ImageError, match="32×32"):
        tiny()(torch.zeros(1, 3, *size))


@pytest.mark.parametrize(
    ("config", "message"), [({"image_size": 48}, "48.*32"), ({"output": "tan"}, "tanh")]
)
def test_values_that_are_not_allowed_are_errors(config, message):
    with pytest.raises(ConfigError, match=message):
        tiny(**config)


def test_the_config_builds_the_same_network():
    vae = tiny(output="sigmoid").eval()
    again = ResidualVAE(**vae.config).eval()
    again.load_state_dict(vae.state_dict())
    image = torch.rand(1, 3, 32, 32) * 2 - 1
    assert torch.equal(again(image)[0], vae(image)[0])
