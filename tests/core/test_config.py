from dataclasses import fields, is_dataclass

import pytest
import torch

from nijigan.core.config import Recipe, load_recipe, recipe_names, to_toml
from nijigan.core.errors import ConfigError
from nijigan.core.method_config import METHOD_CONFIGS, OPTIONAL_SECTIONS
from nijigan.core.methods import method_names
from nijigan.core.models import create


def recipe_file(tmp_path, text):
    path = tmp_path / "recipe.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_that_comes_along_builds_its_networks(name):
    recipe = load_recipe(name)
    for network in (recipe.model, recipe.discriminator, recipe.features):
        with torch.device("meta"):
            create(network.name, **network.options)


@pytest.mark.parametrize("name", recipe_names())
def test_a_recipe_survives_being_written_and_read(name, tmp_path):
    recipe = load_recipe(name, ('data.license="a \\"b\\" \\\\ c"',))
    assert load_recipe(recipe_file(tmp_path, to_toml(recipe))) == recipe


@pytest.mark.parametrize("method", METHOD_CONFIGS)
def test_the_written_recipe_has_every_key_that_its_method_reads(method):
    recipe = Recipe(method=METHOD_CONFIGS[method]())
    text = to_toml(recipe)
    for section in fields(Recipe):
        value = getattr(recipe, section.name)
        unread = section.name in OPTIONAL_SECTIONS and section.name not in recipe.method.sections
        assert (f"[{section.name}]" in text) != unread
        if unread:
            continue
        for key in fields(value) if is_dataclass(value) else ():
            if key.name != "options":
                assert f"\n{key.name} = " in text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[optim]\nlrr = 1", r"unknown key 'optim.lrr'. Did you mean 'optim.lr'\?"),
        ("[optin]\nlr = 1", r"unknown key 'optin'. Did you mean 'optim'\?"),
        ("[optim]\nlr = 'fast'", "'optim.lr' is 'fast'. It must be float"),
        ("[train]\nsteps = 1.5", "'train.steps' is 1.5. It must be int"),
        ("[train]\nbf16 = 1", "'train.bf16' is 1. It must be bool"),
        ("[optim]\nbetas = [0.5]", "'optim.betas'"),
        ("[solver]\nmix = [['euler', 1]]", "'solver.mix'"),
        ("train = 3", "It must be a section"),
        ("[model]\nngf = 3", "'model.name' is missing"),
        ("[strength]\nzero = 0.7\none = 0.5", "not shares"),
        ("[optim\n", "not TOML"),
        ("[train]\nlog_every = 0", r"train\.log_every is 0\. It must be 1 or more"),
        ("[train]\nsteps = 0", r"train\.steps is 0"),
        ("[train]\nkeep = 0", r"train\.keep is 0"),
        ("[train]\nseed = -1", r"train\.seed is -1"),
        ("[train]\nfreeze_batchnorm_from = nan", r"train\.freeze_batchnorm_from is nan"),
        ("[data]\nbatch = 0", r"data\.batch is 0"),
        ("[data]\ncrop = 0", r"data\.crop is 0"),
        ("[method]\nema = 5", r"method\.ema is 5\.0\. It must be between 0 and 1"),
        ("[method]\nl1 = inf", r"method\.l1 is inf"),
        ("[optim]\nlr = nan", r"optim\.lr is nan"),
        ("[optim]\nbetas = [0.5, 1.0]", r"optim\.betas is \[0\.5, 1\.0\]"),
        ("[solver]\nmix = [['euler', 0, 1.0]]", r"solver\.mix has \['euler', 0, 1\.0\]"),
        ("[solver]\nmix = [['euler', 1, nan]]", r"solver\.mix has"),
        ("[strength]\nzero = nan", "not shares"),
        ("[method]\nname = 'pix2pox'", r"no method 'pix2pox'. Did you mean 'pix2pix'\?"),
        ("[method]\nname = 3", "no method '3'"),
        ("method = 3", "'method' is 3. It must be a section"),
        ("[method]\nname = 'arbitrary'\nl1 = 1", "unknown key 'method.l1'"),
        ("[method]\njitter = 1", "unknown key 'method.jitter'"),
        ("[method]\nname = 'arbitrary'\njitter = 2", r"method\.jitter is 2\.0"),
        ("[method]\nname = 'arbitrary'\nstyle = []", r"method\.style is \[\]. Give one layer"),
        ("[method]\nname = 'arbitrary'\ncontent = [['relu3_3', 0]]", "weight above 0"),
        ("[method]\nname = 'arbitrary'\nstyle_side = [90, 80]", r"style_side is \[90, 80\]"),
        ("[features]\nfile = 'a'\n[method]\nname = 'arbitrary'", "'features.name' is missing"),
        (
            "[features]\nname = 'vgg19'\nfile = 3\n[method]\nname = 'arbitrary'",
            "'features.file' is 3",
        ),
        ("[features]\nname = 'vgg19'", r"'pix2pix' has no use for \[features\]"),
    ],
)
def test_a_wrong_recipe_says_what_and_where(tmp_path, text, message):
    with pytest.raises(ConfigError, match=message):
        load_recipe(recipe_file(tmp_path, text))


def test_every_method_has_its_options():
    assert sorted(METHOD_CONFIGS) == method_names()
    assert all(kind().name == name for name, kind in METHOD_CONFIGS.items())


def test_where_features_lie_is_kept_apart_from_what_builds_them(tmp_path):
    text = (
        "[features]\nname = 'vgg19'\nfile = 'vgg.pth'\npooling = 'average'\n"
        "[method]\nname = 'arbitrary'"
    )
    features = load_recipe(recipe_file(tmp_path, text)).features
    assert (features.file, features.options) == ("vgg.pth", {"pooling": "average"})


def test_a_recipe_that_is_not_text_is_an_error(tmp_path):
    path = tmp_path / "recipe.toml"
    path.write_bytes(b"[data]\nlicense = '\xff'")
    with pytest.raises(ConfigError, match=r"recipe\.toml cannot be read.*UTF-8"):
        load_recipe(path)


@pytest.mark.parametrize(
    ("override", "section", "key", "value"),
    [
        ("optim.lr=1e-4", "optim", "lr", 1e-4),
        ("optim.lr=1", "optim", "lr", 1.0),
        ("optim.schedule=cosine", "optim", "schedule", "cosine"),
        ("train.bf16=true", "train", "bf16", True),
        ('solver.mix=[["rk4", 2, 1.0]]', "solver", "mix", (("rk4", 2, 1.0),)),
    ],
)
def test_overrides_are_toml_values(override, section, key, value):
    assert getattr(getattr(load_recipe("tiny", (override,)), section), key) == value


def test_an_override_reaches_the_network():
    assert load_recipe("tiny", ("model.ngf=6",)).model.options["ngf"] == 6


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("ngf=x", "'ngf' of 'nijigan' is 'x'. It must be a whole number from 1"),
        ("ngf=0", "'ngf' of 'nijigan' is 0"),
        ("norm=3", "'norm' of 'nijigan' is 3. It must be a string"),
        ("dilations=[1, 0]", r"'dilations' of 'nijigan' is \[1, 0\]. It must be a list"),
    ],
)
def test_an_option_that_the_network_cannot_take_is_an_error(override, message):
    recipe = load_recipe("tiny", (f"model.{override}",))
    with pytest.raises(ConfigError, match=message):
        create(recipe.model.name, **recipe.model.options)


@pytest.mark.parametrize("override", ["optim.lr", "lr=3", "optim.lrr=3"])
def test_a_wrong_override_is_an_error(override):
    with pytest.raises(ConfigError, match="lr"):
        load_recipe("tiny", (override,))


def test_an_unknown_recipe_names_the_nearest(tmp_path):
    with pytest.raises(ConfigError, match="'tiny'"):
        load_recipe("tinny")
    with pytest.raises(ConfigError, match=r"none\.toml"):
        load_recipe(tmp_path / "none.toml")
