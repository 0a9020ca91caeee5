import pytest
import torch

from nijigan.core.errors import ConfigError
from nijigan.core.models import count_parameters
from nijigan.core.models.ugatit_disc import UGATITDiscriminator


def tiny(n_layers=5):
    torch.manual_seed(0)
    return UGATITDiscriminator(n_layers=n_layers, ndf=2).eval()


@pytest.mark.parametrize(("n_layers", "count"), [(5, 3_290_560), (7, 53_130_176)])
def test_it_has_the_published_size(n_layers, count):
    with torch.device("meta"):
        assert count_parameters(UGATITDiscriminator(n_layers)) == count


@pytest.mark.parametrize(
    ("n_layers", "size", "verdicts"),
    [
        (5, (256, 256), (30, 30)),
        (7, (256, 256), (6, 6)),
        (5, (24, 40), (1, 3)),
        (7, (96, 128), (1, 2)),
    ],
)
def test_it_judges_patches(n_layers, size, verdicts):
    judgment = tiny(n_layers)(torch.rand(2, 3, *size) * 2 - 1)
    assert judgment.verdicts.shape == (2, 1, *verdicts)
    assert judgment.cam_logit.shape == (2, 2)
    assert judgment.heatmap.shape == (2, 1, *(side + 1 for side in verdicts))


def test_batch_mates_do_not_matter():
    network = tiny()
    pictures = torch.rand(3, 3, 32, 32) * 2 - 1
    for part, alone in zip(network(pictures), network(pictures[1:2]), strict=True):
        torch.testing.assert_close(part[1:2], alone)


def test_every_layer_but_the_one_of_the_attention_has_spectral_norm_one():
    network = tiny().train()
    for _ in range(100):  # one power iteration per pass
        network(torch.zeros(1, 3, 32, 32))
    network.eval()
    normed = [*network.layers, network.cam.gap_fc, network.cam.gmp_fc, network.conv]
    for layer in normed:
        if hasattr(layer, "weight"):
            largest = torch.linalg.matrix_norm(layer.weight.detach().flatten(1), ord=2)
            assert largest.item() == pytest.approx(1, abs=0.02)
    assert not hasattr(network.cam.conv1x1, "parametrizations")


def test_the_attention_weights_channels_before_spectral_norm_and_guesses_after_it():
    network = tiny()
    cam = network.cam
    h = torch.randn(1, 16, 4, 4)
    learned = [fc.parametrizations.weight.original for fc in (cam.gap_fc, cam.gmp_fc)]
    with torch.no_grad():
        before = cam(h)
        for weight in learned:
            weight *= 2
        after = cam(h)
        twice = cam.activation(cam.conv1x1(torch.cat([h * w[..., None, None] for w in learned], 1)))
    torch.testing.assert_close(after.features, twice)
    assert not torch.allclose(after.features, before.features)
    torch.testing.assert_close(after.logit, before.logit)


def test_the_config_builds_the_same_network():
    network = tiny(6)
    again = UGATITDiscriminator(**network.config).eval()
    again.load_state_dict(network.state_dict())
    picture = torch.rand(1, 3, 64, 64)
    assert torch.equal(again(picture).verdicts, network(picture).verdicts)


@pytest.mark.parametrize("n_layers", [2, 9])
def test_too_few_or_too_many_layers_are_errors(n_layers):
    with pytest.raises(ConfigError, match=f"n_layers={n_layers}"):
        UGATITDiscriminator(n_layers=n_layers)
