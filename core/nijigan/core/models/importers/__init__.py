"""Public checkpoints of other projects: recognized, read safely, renamed to our networks."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from nijigan.core.errors import CheckpointError, ConfigError
from nijigan.core.models.animegan2 import UPSAMPLING
from nijigan.core.models.generator import Generator
from nijigan.core.models.importers.animegan2 import ANIMEGAN2
from nijigan.core.models.importers.cartoongan import CARTOONGAN
from nijigan.core.models.importers.cut import CUT
from nijigan.core.models.importers.cyclegan import CYCLEGAN
from nijigan.core.models.importers.family import Family, Plan, Shapes
from nijigan.core.models.importers.network import build, fill
from nijigan.core.models.importers.pix2pix import PIX2PIX
from nijigan.core.models.importers.scenimefy import SCENIMEFY
from nijigan.core.models.importers.state_dict import find_generator
from nijigan.core.models.importers.torch_file import read_file
from nijigan.core.models.importers.ugatit import UGATIT
from nijigan.core.nearest import did_you_mean

AUTO = "auto"

# In order of trial: CUT before Scenimefy, whose files have the same keys.
_ALL = (CUT, CYCLEGAN, SCENIMEFY, PIX2PIX, UGATIT, ANIMEGAN2, CARTOONGAN)
FAMILIES = tuple(family.name for family in _ALL)


@dataclass(frozen=True)
class Imported:
    """A generator of another project, and what is known of it."""

    generator: Generator
    """In evaluation mode on the CPU, float32."""
    name: str
    """Registered name; `generator.config` has the arguments."""
    family: str
    """One of `FAMILIES`."""
    direction: str | None
    """`A2B` or `B2A`, where the file holds a generator for each."""
    sha256: str
    """Of the file."""
    license: str
    """SPDX expression of the weights; `LicenseRef-unknown` where the family does not tell it."""
    notes: tuple[str, ...]
    """Sentences for the user: what was assumed, dropped, or differs from the public code."""


def load(
    path: str | Path,
    family: str = AUTO,
    *,
    direction: str | None = None,
    upsampling: str | None = None,
) -> Generator:
    """Return the generator of a public checkpoint, in evaluation mode; see `read`."""
    return read(path, family, direction=direction, upsampling=upsampling).generator


def read(
    path: str | Path,
    family: str = AUTO,
    *,
    direction: str | None = None,
    upsampling: str | None = None,
) -> Imported:
    """Return the generator of a public checkpoint and what is known of it.

    Nothing in the file is run. Family, width, depth and form are told from keys and shapes.

    Args:
        path: a safetensors file, or what `torch.save` wrote.
        family: one of `FAMILIES`, or `auto`.
        direction: `A2B` or `B2A`, for a file that holds a generator for each (U-GAT-IT).
        upsampling: `aligned` or `double`, for AnimeGANv2, whose files do not tell it; None is
            `aligned`.

    Raises:
        CheckpointError: not a checkpoint, damaged, it would run code, of no known family, of
            another than was named, or with other keys or shapes than its family has.
        UsageError: a direction where there is none to choose, or none where there is.
        ConfigError: an unknown family or upsampling, or an upsampling for another family.
        MissingExtraError: the installed torch cannot read such a file safely.
    """
    path = Path(path)
    if family not in (AUTO, *FAMILIES):
        raise ConfigError(f"No family '{family}'.", did_you_mean(family, (AUTO, *FAMILIES)))
    tensors, chosen = find_generator(read_file(path), direction, path)
    shapes: Shapes = {key: tuple(tensor.shape) for key, tensor in tensors.items()}
    found = _recognize(shapes, family, path)
    plan = _with_upsampling(found, shapes, upsampling)
    generator = build(plan, path)
    dropped = fill(generator, plan, tensors, path, _nearest(shapes))
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    notes = [plan.note, found.note, _dropped_note(dropped), *_alike(shapes, family, found)]
    return Imported(
        generator=generator.eval(),
        name=plan.name,
        family=found.name,
        direction=chosen,
        sha256=sha256,
        license=found.license,
        notes=tuple(note for note in notes if note),
    )


def _recognize(shapes: Shapes, named: str, path: Path) -> Family:
    """Return the family that a file is of, which must be the named one."""
    holding = {family.name: family for family in _ALL if family.holds(shapes)}
    if not holding:
        raise CheckpointError(
            f"{path} is not a generator of a known family: {', '.join(FAMILIES)}.",
            f"{_nearest(shapes)} Where there are several files, give the one with net_G.",
        )
    if named == AUTO:
        return next(iter(holding.values()))
    if named not in holding:
        held = " or ".join(holding)
        raise CheckpointError(
            f"{path} is not a '{named}' file: it has the keys of {held}.",
            f"Use --family {next(iter(holding))}, or leave it out.",
        )
    return holding[named]


def _nearest(shapes: Shapes) -> str:
    """Say which families have keys like a file's."""
    shares = {
        family.name: sum(bool(family.key.fullmatch(key)) for key in shapes) / len(shapes)
        for family in _ALL
    }
    best = max(shares.values())
    near = [name for name, share in shares.items() if share == best > 0]
    return f"Its keys are most like those of {', '.join(near) or 'none'}."


def _with_upsampling(family: Family, shapes: Shapes, upsampling: str | None) -> Plan:
    plan = family.plan(shapes)
    if upsampling is None:
        return plan
    if "upsampling" not in plan.config:
        raise ConfigError(
            f"Upsampling is an option of animegan2; the file is of {family.name}.", "Leave it out."
        )
    if upsampling not in UPSAMPLING:
        raise ConfigError(f"No upsampling '{upsampling}'.", did_you_mean(upsampling, UPSAMPLING))
    return replace(plan, config=plan.config | {"upsampling": upsampling}, note="")


def _dropped_note(dropped: int) -> str:
    if not dropped:
        return ""
    return (
        f"Dropped {dropped} running statistics of InstanceNorm, which uses those of the picture, "
        "as in the public code."
    )


def _alike(shapes: Shapes, named: str, found: Family) -> list[str]:
    """Say which other families the file could as well be of, where none was named."""
    if named != AUTO:
        return []
    others = [family.name for family in _ALL if family.holds(shapes) and family != found]
    return [
        f"Files of {other} have the same keys; this one is taken for {found.name}. "
        f"If it is not, say --family {other}."
        for other in others
    ]
