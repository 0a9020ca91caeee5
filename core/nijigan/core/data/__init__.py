"""Pictures to learn from."""

from nijigan.core.data.pairs import Batch as Batch
from nijigan.core.data.pairs import PairedPictures as PairedPictures
