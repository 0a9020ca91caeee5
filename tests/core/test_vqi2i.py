import pytest
import torch
from torch.nn import functional

from nijigan.core.errors import ConfigError, ImageError
from nijigan.core.models import Generator, count_parameters, create
from nijigan.core.models.adain import AdaIN, AdaINBlock
from nijigan.core.models.adain_decoder import AdaINDecoder
from nijigan.core.models.attention import FullAttention, LinearAttention
from nijigan.core.models.content_encoder import ContentEncoder
from nijigan.core.models.style_encoder import StyleEncoder
from nijigan.core.models.vqi2i import VQI2I

TINY = {
    "ch": 32,
    "ch_mult": [1, 2],
    "n_res_blocks": 1,
    "z_channels": 8,
    "n_embed": 16,
    "embed_dim": 6,
    "style_dim": 5,
    "style_hidden": 4,
    "style_down": 2,
    "n_adain": 2,
}
FORMS = ("vqi2i_cross", "vqi2i_adain")


def tiny(name="vqi2i_cross", **config):
    """A small network in evaluation mode whose codewords are as far apart as its features."""
    torch.manual_seed(0)
    network = create(name, **(TINY | config)).eval()
    torch.nn.init.normal_(network.quantizer.embedding.weight, std=0.3)
    return network


def picture(count, height, width):
    return torch.rand(count, 3, height, width) * 2 - 1


@pytest.mark.parametrize(
    ("name", "encoder", "decoder", "style_encoder", "style_map", "whole"),
    [
        ("vqi2i_cross", 29_298_176, 61_328_259, 2_764_936, 2_173_440, 162_356_502),
        ("vqi2i_adain", 101_217_024, 224_879_747, 6_901_632, 2_113_536, 569_531_910),
    ],
)
def test_the_parts_have_the_sizes_that_their_published_widths_give(
    name, encoder, decoder, style_encoder, style_map, whole
):
    with torch.device("meta"):
        network = create(name)
    assert count_parameters(network.content_encoder) == encoder
    assert [count_parameters(each) for each in network.decoders] == [decoder] * 2
    assert [count_parameters(each) for each in network.style_encoders] == [style_encoder] * 2
    assert [count_parameters(each) for each in network.style_maps] == [style_map] * 2
    assert count_parameters(network) == whole


@pytest.mark.parametrize(("name", "style_dim"), [("vqi2i_cross", 8), ("vqi2i_adain", 128)])
def test_at_256_pixels_there_are_16_by_16_codewords(name, style_dim):
    with torch.device("meta"):
        drawn = create(name)(torch.empty(1, 3, 256, 256))
    assert drawn.picture.shape == (1, 3, 256, 256)
    assert drawn.indices.shape == (1, 16, 16)
    assert drawn.codewords.shape == (1, 512, 16, 16)
    assert drawn.style.shape == (1, style_dim)


# The layers again, in plain calls.


def norm(weights, name, h):
    groups = h.reshape(h.shape[0], min(32, h.shape[1] // 4), -1)
    mean = groups.mean(2, keepdim=True)
    variance = (groups - mean).square().mean(2, keepdim=True)
    normed = ((groups - mean) / (variance + 1e-6).sqrt()).reshape(h.shape)
    return normed * weights[f"{name}.weight"].view(-1, 1, 1) + weights[f"{name}.bias"].view(
        -1, 1, 1
    )


def conv(weights, name, h, **options):
    return functional.conv2d(h, weights[f"{name}.weight"], weights[f"{name}.bias"], **options)


def swish(h):
    return h * torch.sigmoid(h)


def resnet_block(weights, name, h):
    inner = conv(weights, f"{name}.conv1", swish(norm(weights, f"{name}.norm1", h)), padding=1)
    inner = conv(weights, f"{name}.conv2", swish(norm(weights, f"{name}.norm2", inner)), padding=1)
    widens = f"{name}.shortcut.weight" in weights
    return (conv(weights, f"{name}.shortcut", h) if widens else h) + inner


def attention(weights, name, h, kind):
    normed = norm(weights, f"{name}.norm", h)
    q, k, v = (conv(weights, f"{name}.{part}", normed).flatten(2) for part in "qkv")
    if kind == "full":
        likeness = torch.einsum("nci,ncj->nij", q, k) / h.shape[1] ** 0.5
        mixed = torch.einsum("nij,ncj->nci", likeness.softmax(2), v)
    else:
        context = torch.einsum("ndj,nej->nde", k.exp() / k.exp().sum(2, keepdim=True), v)
        mixed = torch.einsum("nde,ndi->nei", context, q)
    return h + conv(weights, f"{name}.proj_out", mixed.reshape(h.shape))


def adain(h, gamma, beta):
    mean = h.mean((2, 3), keepdim=True)
    variance = (h - mean).square().mean((2, 3), keepdim=True)
    return gamma[..., None, None] * (h - mean) / (variance + 1e-5).sqrt() + beta[..., None, None]


def adain_block(weights, name, h, values):
    gamma1, beta1, gamma2, beta2 = values.flatten(1, 2).unbind(1)
    reflected = functional.pad(h, (1, 1, 1, 1), mode="reflect")
    inner = adain(conv(weights, f"{name}.conv1", reflected), gamma1, beta1).clamp(min=0)
    reflected = functional.pad(inner, (1, 1, 1, 1), mode="reflect")
    return h + adain(conv(weights, f"{name}.conv2", reflected), gamma2, beta2)


@pytest.mark.parametrize("kind", ["full", "linear"])
def test_the_content_encoder_is_the_published_one(kind):
    torch.manual_seed(0)
    encoder = ContentEncoder(32, [1, 2], 1, 8, kind, dropout=0.0).double()
    weights = {name.removeprefix("layers."): value for name, value in encoder.state_dict().items()}
    image = picture(2, 8, 12).double()
    h = resnet_block(weights, "1", conv(weights, "0", image, padding=1))
    h = conv(weights, "3", functional.pad(h, (0, 1, 0, 1)), stride=2)
    h = attention(weights, "5", resnet_block(weights, "4", h), kind)
    h = resnet_block(weights, "6", h)
    h = resnet_block(weights, "8", attention(weights, "7", h, kind))
    h = conv(weights, "11", swish(norm(weights, "9", h)), padding=1)
    torch.testing.assert_close(encoder(image), h)


@pytest.mark.parametrize("kind", ["full", "linear"])
def test_the_decoder_is_the_published_one(kind):
    torch.manual_seed(0)
    decoder = AdaINDecoder(32, [1, 2], 1, 8, 2, kind, dropout=0.0).double()
    weights = {name.removeprefix("layers."): value for name, value in decoder.state_dict().items()}
    assert decoder.adain_values == 2 * 2 * 2 * 64
    z, values = torch.randn(2, 8, 4, 6).double(), torch.randn(2, 2, 2, 2, 64).double()
    h = conv(weights, "conv_in", z, padding=1)
    h = adain_block(weights, "adain.0", h, values[:, 0])
    h = adain_block(weights, "adain.1", h, values[:, 1])
    h = attention(weights, "1", resnet_block(weights, "0", h), kind)
    h = resnet_block(weights, "2", h)
    h = attention(weights, "4", resnet_block(weights, "3", h), kind)
    h = attention(weights, "6", resnet_block(weights, "5", h), kind)
    h = conv(weights, "8", h.repeat_interleave(2, 2).repeat_interleave(2, 3), padding=1)
    h = resnet_block(weights, "10", resnet_block(weights, "9", h))
    h = conv(weights, "13", swish(norm(weights, "11", h)), padding=1)
    torch.testing.assert_close(decoder(z, values.flatten(1)), h)


def test_the_style_encoder_is_the_published_one():
    torch.manual_seed(0)
    encoder = StyleEncoder(4, 5, n_down=3).double()
    weights = {name.removeprefix("layers."): value for name, value in encoder.state_dict().items()}
    image = picture(2, 16, 21).double()
    h = image
    for name, border, stride in (("1", 3, 1), ("4", 1, 2), ("7", 1, 2), ("10", 1, 2)):
        reflected = functional.pad(h, (border,) * 4, mode="reflect")
        h = conv(weights, name, reflected, stride=stride).clamp(min=0)
    assert h.shape == (2, 16, 2, 2)
    expected = conv(weights, "13", h.mean((2, 3), keepdim=True))[:, :, 0, 0]
    torch.testing.assert_close(encoder(image), expected)


@pytest.mark.parametrize("name", FORMS)
def test_a_style_becomes_adain_values_by_linear_layers(name):
    network = tiny(name)
    mapped = network.style_maps[0]
    style = torch.randn(2, 5)
    h = style
    layers = [mapped] if name == "vqi2i_adain" else [mapped[0], mapped[2], mapped[4]]
    for i, layer in enumerate(layers):
        h = (h.clamp(min=0) if i else h) @ layer.weight.T + layer.bias
    torch.testing.assert_close(mapped(style), h)
    assert [layer.out_features for layer in layers[:-1]] == [256] * (len(layers) - 1)


@pytest.mark.parametrize(("kind", "mixer"), [("full", FullAttention), ("linear", LinearAttention)])
def test_attention_moves_with_its_pixels(kind, mixer):
    """Attention has no order of its own: shuffled pixels come out shuffled alike."""
    torch.manual_seed(0)
    q, k, v = torch.randn(3, 2, 4, 3, 5).double()
    shuffle = torch.randperm(15)
    mixed = mixer()(q, k, v).flatten(2)[..., shuffle].reshape(q.shape)
    moved = (each.flatten(2)[..., shuffle].reshape(q.shape) for each in (q, k, v))
    torch.testing.assert_close(mixer()(*moved), mixed)


def test_adain_gives_each_channel_the_mean_and_spread_of_the_style():
    h = torch.randn(2, 3, 8, 8).double() * 5 + 7
    gamma, beta = torch.rand(2, 3).double() + 0.5, torch.randn(2, 3).double()
    drawn = AdaIN()(h, gamma, beta)
    torch.testing.assert_close(drawn.mean((2, 3)), beta)
    torch.testing.assert_close(drawn.std((2, 3), correction=0), gamma, rtol=1e-5, atol=0)


@pytest.mark.parametrize("size", [(1, 1), (1, 4), (3, 2)])
def test_adain_blocks_take_maps_of_one_pixel(size):
    h = torch.randn(2, 4, *size)
    assert AdaINBlock(4)(h, torch.randn(1, 2, 2, 4)).shape == h.shape


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("size", [(16, 16), (32, 16), (48, 80)])
def test_with_five_levels_any_multiple_of_16_works(name, size):
    network = tiny(name, ch_mult=[1, 1, 1, 2, 2])
    assert network.input_multiple == 16
    drawn = network(picture(1, *size))
    assert drawn.picture.shape == (1, 3, *size)
    assert drawn.indices.shape == (1, size[0] // 16, size[1] // 16)


@pytest.mark.parametrize("size", [(16, 24), (17, 16)])
def test_another_size_is_refused(size):
    network = tiny(ch_mult=[1, 1, 1, 2, 2])
    with pytest.raises(ImageError, match=rf"16 px.*{size[1]}×{size[0]}"):
        network(picture(1, *size), torch.zeros(1, 5))


def test_a_style_picture_has_any_size_but_a_tiny_one():
    network = tiny(style_down=4)
    assert network.encode_style(picture(1, 16, 33), 0).shape == (1, 5)
    with pytest.raises(ImageError, match=r"40×15.*16 px"):
        network.encode_style(picture(1, 15, 40), 0)


@pytest.mark.parametrize("domain", [0, 1])
def test_without_a_style_a_picture_is_drawn_in_its_own_by_its_own_domain(domain):
    network, image = tiny(), picture(2, 16, 16)
    drawn = network(image, domain=domain)
    content = network.encode(image)
    style = network.style_encoders[domain](image)
    torch.testing.assert_close(drawn.style, style)
    torch.testing.assert_close(drawn.picture, network.decode(content.codewords, style, domain))
    torch.testing.assert_close(drawn.vq_loss, content.loss)
    assert torch.equal(drawn.indices, content.indices)
    codewords = network.quantizer.lookup(content.indices)
    torch.testing.assert_close(drawn.codewords, codewords)
    adain = network.style_maps[domain](style)
    expected = network.decoders[domain](network.post_quant_conv(codewords), adain)
    torch.testing.assert_close(drawn.picture, expected)


@pytest.mark.parametrize("domain", [0, 1])
def test_cross_draws_with_the_other_decoder_in_the_given_style(domain):
    network, image, style = tiny(), picture(1, 16, 16), torch.randn(1, 5)
    drawn = network.cross(image, style, domain)
    assert torch.equal(drawn.style, style)
    codewords = network.encode(image).codewords
    torch.testing.assert_close(drawn.picture, network.decode(codewords, style, 1 - domain))
    for part in (network.decoders, network.style_maps, network.style_encoders):
        for parameter in part[domain].parameters():
            torch.nn.init.normal_(parameter)  # nobody sees it
    torch.testing.assert_close(network.cross(image, style, domain).picture, drawn.picture)
    other = network.cross(image, style + 5, domain).picture
    assert not torch.allclose(other, drawn.picture, atol=1e-3)


def test_the_style_picture_of_a_cross_is_of_the_other_domain():
    network, image, style = tiny(), picture(1, 16, 16), picture(1, 20, 28)
    vector = network.encode_style(style, 1)
    assert not torch.allclose(vector, network.encode_style(style, 0))
    drawn = network.cross(image, style, 0)
    assert torch.equal(drawn.style, vector)
    torch.testing.assert_close(drawn.picture, network.cross(image, vector, 0).picture)


@pytest.mark.parametrize("name", FORMS)
def test_no_picture_depends_on_its_batch_mates(name):
    network = tiny(name).double()
    images, styles = picture(3, 16, 16).double(), torch.randn(3, 5).double()
    together = network(images, styles, 1)
    alone = network(images[1:2], styles[1:2], 1)
    for part in ("picture", "style", "indices", "codewords"):
        torch.testing.assert_close(getattr(together, part)[1:2], getattr(alone, part))
    same = network(images, styles[1:2], 1)
    torch.testing.assert_close(same.picture[1:2], alone.picture)
    assert torch.equal(same.style, styles[1:2].expand(3, -1))


def test_the_output_is_not_held_to_a_range():
    network = tiny()
    torch.nn.init.constant_(network.decoders[0].layers[-1].bias, 3.0)
    assert network(picture(1, 16, 16)).picture.max() > 1


@pytest.mark.parametrize("name", FORMS)
def test_dropout_is_in_the_training_of_the_wide_variant_alone(name):
    network, image = tiny(name).train(), picture(1, 16, 16)
    assert torch.equal(network(image).picture, network(image).picture) == (name == "vqi2i_cross")
    network.eval()
    assert torch.equal(network(image).picture, network(image).picture)


@pytest.mark.parametrize("style", [torch.ones(1, 5), torch.linspace(-1, 1, 768).view(1, 3, 16, 16)])
def test_with_a_style_it_is_a_plain_generator(style):
    network = tiny()
    generator = network.with_style(style, 1)
    assert isinstance(generator, Generator)
    assert not generator.has_strength
    image = picture(2, 16, 16)
    expected = network(image, style, 1).picture
    torch.testing.assert_close(generator(image), expected)
    torch.testing.assert_close(generator(image, 0.0), expected)
    assert generator.draw(picture(1, 17, 31)).shape == (1, 3, 17, 31)
    assert generator.config == network.config | {"domain": 1}
    with pytest.raises(ImageError, match="17"):
        generator(picture(1, 16, 17))


def test_a_fixed_style_has_only_the_layers_that_it_needs_and_no_radius():
    network = tiny()
    generator = network.with_style(torch.ones(1, 5))
    unused = (network.decoders[1], *network.style_encoders, *network.style_maps)
    needed = count_parameters(network) - sum(map(count_parameters, unused))
    assert count_parameters(generator) == needed
    with pytest.raises(ConfigError, match="whole picture"):
        generator.receptive_radius()


@pytest.mark.parametrize("name", FORMS)
def test_the_config_builds_the_same_network(name):
    network = tiny(name, legacy=False, beta=0.5)
    assert network.quantizer.beta == 0.5
    assert not network.quantizer.legacy
    again = VQI2I(**network.config).eval()
    again.load_state_dict(network.state_dict())
    image = picture(1, 16, 16)
    assert again.config == network.config
    for part, same in zip(again(image), network(image), strict=True):
        assert torch.equal(part, same)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"ch": 48}, "48 channels.*multiple of 32"),
        ({"ch_mult": []}, "empty"),
        ({"style_map": "mpl"}, "mlp"),
        ({"style_down": 1}, "n_down=1"),
        ({"attention": "liner"}, "linear"),
        ({"dropout": 1.0}, "dropout"),
        ({"beta": -1.0}, "beta"),
    ],
)
def test_values_that_are_not_allowed_are_errors(config, message):
    with pytest.raises(ConfigError, match=message):
        tiny(**config)


def test_calls_that_make_no_sense_are_errors():
    network, image, style = tiny(domains=3), picture(1, 16, 16), torch.ones(1, 5)
    for domain in (-1, 3):
        with pytest.raises(ConfigError, match=rf"No domain {domain}.*0 to 2"):
            network(image, style, domain)
        with pytest.raises(ConfigError, match=f"No domain {domain}"):
            network.with_style(style, domain)
    with pytest.raises(ConfigError, match="among 3"):
        network.cross(image, style, 0)
    with pytest.raises(ConfigError, match="2 styles"):
        network.with_style(torch.ones(2, 5))


@pytest.mark.parametrize("name", FORMS)
def test_it_learns_a_picture_and_leaves_the_other_domain_alone(name):
    network = tiny(name, dropout=0.0).train()
    image = functional.interpolate(picture(1, 4, 4), scale_factor=4.0)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    losses = []
    for _ in range(8):
        optimizer.zero_grad()
        drawn = network(image)
        loss = (drawn.picture - image).abs().mean() + drawn.vq_loss
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]
    for parameter_name, parameter in network.named_parameters():
        if parameter_name.startswith(("decoders.1", "style_maps.1", "style_encoders.1")):
            assert parameter.grad is None
        else:
            assert parameter.grad is not None, parameter_name
