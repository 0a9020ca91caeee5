"""MobileNetV2 (Sandler et al. 2018), a small feature network."""

from collections.abc import Iterator

from torch import Tensor, nn

from nijigan.core.models.features import Classifier

_STAGES = (
    # times as many channels within, channels out, blocks, stride of the first: table 2
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)


class InvertedResidual(nn.Module):
    """1×1 to more channels, 3×3 in each of them, 1×1 to few; plus the input where it fits."""

    def __init__(self, cin: int, cout: int, expansion: int, stride: int) -> None:
        super().__init__()
        inner = cin * expansion
        steps: list[nn.Module] = [] if expansion == 1 else [_conv_norm_relu(cin, inner, 1)]
        steps += [
            _conv_norm_relu(inner, inner, 3, stride, groups=inner),
            nn.Conv2d(inner, cout, 1, bias=False),
            nn.BatchNorm2d(cout),
        ]
        self.conv = nn.Sequential(*steps)
        self.has_shortcut = stride == 1 and cin == cout

    def expand(self, h: Tensor) -> Tensor:
        """Return what is within: the first step alone."""
        expanded: Tensor = self.conv[0](h)
        return expanded

    def contract(self, expanded: Tensor, h: Tensor) -> Tensor:
        """Return the output, from what `expand` gave and the input."""
        for step in list(self.conv.children())[1:]:
            expanded = step(expanded)
        return h + expanded if self.has_shortcut else expanded


class MobileNetV2(Classifier):
    """Seventeen inverted residual blocks at width 1.0: 3,504,872 parameters, the classifier's too.

    `trunk` has torchvision's names. The layers are called as the part of the network whose output
    they are: `features.0`, `features.1.conv.0`, `features.1`, …, `features.18`. A block's output,
    `features.N`, has few channels and no ReLU; its first step, `features.N.conv.0`, has up to 960
    channels after a ReLU6. Sizes are a half (`features.0`, `.1`, `.2.conv.0`), a quarter (to
    `features.4.conv.0`), an eighth (to `.7.conv.0`), a sixteenth (to `.14.conv.0`) and then a
    thirty-second of the picture's.
    """

    label = "MobileNetV2"

    def __init__(self) -> None:
        super().__init__()
        steps: list[nn.Module] = [_conv_norm_relu(3, 32, 3, stride=2)]
        channels = 32
        for expansion, cout, blocks, stride in _STAGES:
            for block in range(blocks):
                steps.append(
                    InvertedResidual(channels, cout, expansion, stride if block == 0 else 1)
                )
                channels = cout
        steps.append(_conv_norm_relu(channels, 1280, 1))
        classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, 1000))
        self.trunk = nn.ModuleDict({"features": nn.Sequential(*steps), "classifier": classifier})
        self.layers = tuple(
            name
            for number, step in enumerate(steps)
            for name in (f"features.{number}.conv.0", f"features.{number}")
            if isinstance(step, InvertedResidual) or not name.endswith(".conv.0")
        )

    def classify(self, image: Tensor) -> Tensor:
        """See `Classifier.classify`."""
        h = self.features(image, self.layers[-1:])[self.layers[-1]]
        logits: Tensor = self.trunk["classifier"](h.mean((2, 3)))
        return logits

    def _walk(self, h: Tensor) -> Iterator[tuple[str, Tensor]]:
        for number, step in enumerate(self.trunk["features"].children()):
            if isinstance(step, InvertedResidual):
                expanded = step.expand(h)
                yield f"features.{number}.conv.0", expanded
                h = step.contract(expanded, h)
            else:
                h = step(h)
            yield f"features.{number}", h


def _conv_norm_relu(
    cin: int, cout: int, kernel: int, stride: int = 1, groups: int = 1
) -> nn.Sequential:
    conv = nn.Conv2d(cin, cout, kernel, stride, kernel // 2, groups=groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(cout), nn.ReLU6())
