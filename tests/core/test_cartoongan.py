import pytest
import torch

from nijigan.core.models import count_parameters
from nijigan.core.models.cartoongan import CartoonGAN


def tiny():
    torch.manual_seed(0)
    return CartoonGAN(ngf=2, n_blocks=2).eval()


def test_it_has_the_published_size():
    with torch.device("meta"):
        assert count_parameters(CartoonGAN()) == 11_129_667


@pytest.mark.parametrize("size", [(16, 16), (20, 36)])
def test_the_output_has_the_size_and_range_of_the_input(size):
    generator = tiny()
    assert all(side % generator.input_multiple == 0 for side in size)
    drawn = generator(torch.rand(2, 3, *size) * 2 - 1)
    assert drawn.shape == (2, 3, *size)
    assert drawn.abs().max() <= 1


def test_it_is_blue_green_red_inside():
    generator = tiny()
    image = torch.rand(1, 3, 16, 16) * 2 - 1
    seen = []
    generator.encoder.register_forward_pre_hook(lambda _module, inputs: seen.append(inputs[0]))
    generator.decoder.out.weight.data.zero_()
    generator.decoder.out.bias.data = torch.tensor([-1.0, 0.0, 1.0])  # blue, green, red
    red, green, blue = generator(image)[0, :, 0, 0].atanh()
    assert torch.equal(seen[0], image[:, [2, 1, 0]])
    torch.testing.assert_close(torch.stack([red, green, blue]), torch.tensor([1.0, 0.0, -1.0]))


def test_norms_are_affine_and_keep_faint_channels():
    norm = tiny().blocks[0].norm1
    faint = torch.randn(1, 8, 16, 16, dtype=torch.float64) * 1e-3
    # The usual eps of 1e-5 would leave a deviation of 0.3.
    assert norm.double()(faint).std(unbiased=False) > 0.99
    torch.nn.init.constant_(norm.bias, 5.0)
    assert abs(norm(faint).mean() - 5.0) < 1e-6


def test_each_scaling_has_one_norm_after_its_second_convolution():
    def kinds(layers):
        return [type(layer).__name__ for layer in layers]

    generator = tiny()
    assert kinds(generator.encoder[4:8]) == ["Conv2d", "Conv2d", "InstanceNorm2d", "ReLU"]
    assert kinds(generator.decoder[:4]) == ["ConvTranspose2d", "Conv2d", "InstanceNorm2d", "ReLU"]


def test_a_picture_does_not_depend_on_its_batch_mates():
    generator = tiny().double()
    images = torch.rand(3, 3, 16, 16, dtype=torch.float64) * 2 - 1
    torch.testing.assert_close(generator(images)[1:2], generator(images[1:2]))


def test_strength_scales_the_blocks_per_picture():
    generator = tiny().double()
    images = torch.rand(2, 3, 16, 16, dtype=torch.float64) * 2 - 1
    mixed = generator(images, torch.tensor([1.0, 0.0], dtype=torch.float64))
    torch.testing.assert_close(mixed[:1], generator(images[:1]))
    around = generator.decoder(generator.encoder(images.flip(1))).flip(1)
    torch.testing.assert_close(mixed[1:], around[1:])
    assert not torch.allclose(mixed[:1], around[:1], atol=1e-3)


def test_the_config_builds_the_same_network():
    generator = tiny()
    again = CartoonGAN(**generator.config)
    again.load_state_dict(generator.state_dict())
    image = torch.rand(1, 3, 16, 16) * 2 - 1
    assert torch.equal(again(image), generator(image))
