"""Pictures to learn from."""

from nijigan.core.data.pairs import PairedPictures as PairedPictures
from nijigan.core.data.plain import PlainPictures as PlainPictures
from nijigan.core.data.semi import SemiPictures as SemiPictures
from nijigan.core.data.source import Batch as Batch
from nijigan.core.data.source import Pictures as Pictures
from nijigan.core.data.source import SemiBatch as SemiBatch
from nijigan.core.data.store import NamedPicture as NamedPicture
from nijigan.core.data.store import PictureStore as PictureStore
from nijigan.core.data.unpaired import UnpairedPictures as UnpairedPictures
