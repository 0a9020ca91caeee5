import pytest
import torch

from nijigan.core.models import count_parameters
from nijigan.core.models.nijigan import NijiGAN
from nijigan.core.models.patch_sample import PatchSample, draw_positions


def tiny():
    torch.manual_seed(0)
    sample = PatchSample(channels=[3, 5], width=8)
    for mlp in sample.mlps:  # not the tiny published start
        torch.nn.init.normal_(mlp[0].weight)
        torch.nn.init.normal_(mlp[2].weight)
    return sample


def taps(n=2):
    return [torch.randn(n, 3, 6, 7), torch.randn(n, 5, 2, 3)]


def test_it_has_the_published_size():
    assert count_parameters(PatchSample()) == 560_384


def test_the_published_channels_are_those_of_the_generators_taps():
    generator = NijiGAN()
    features = generator.features(torch.zeros(1, 3, 16, 16), generator.taps)
    channels = [features[name].shape[1] for name in generator.taps]
    assert channels == PatchSample().config["channels"]


def test_positions_are_different_places_of_each_tap():
    few, all_of_it = draw_positions(taps(), count=20)
    assert len(set(few.tolist())) == 20
    assert few.max() < 42
    assert sorted(all_of_it.tolist()) == list(range(6))


def test_a_feature_is_the_projection_of_its_pixel():
    sample, features = tiny(), taps()
    found = sample(features, [torch.tensor([8, 3]), torch.tensor([5])])
    assert [each.shape for each in found] == [(2, 2, 8), (2, 1, 8)]
    for mlp, tap, each, row, column in zip(
        sample.mlps, features, found, (1, 1), (1, 2), strict=True
    ):
        projected = mlp(tap[:, :, row, column])
        torch.testing.assert_close(each[:, 0], projected / projected.norm(dim=1, keepdim=True))


def test_a_feature_of_length_zero_gives_no_nan():
    sample = tiny()  # biases are zero, so a gray pixel is such a feature
    place = torch.tensor([0])
    found = sample([torch.zeros(1, 3, 1, 1), torch.zeros(1, 5, 1, 1)], [place, place])
    found[0].sum().backward()
    assert found[0].abs().max() == 0
    assert sample.mlps[0][2].bias.grad.isfinite().all()


def test_taps_without_a_perceptron_are_an_error():
    with pytest.raises(ValueError, match="shorter"):
        tiny()(taps()[:1], draw_positions(taps()))


def test_the_config_builds_the_same_network():
    sample, features = tiny(), taps()
    places = draw_positions(features, generator=torch.Generator().manual_seed(1))
    again = PatchSample(**sample.config)
    again.load_state_dict(sample.state_dict())
    for a, b in zip(again(features, places), sample(features, places), strict=True):
        assert torch.equal(a, b)
