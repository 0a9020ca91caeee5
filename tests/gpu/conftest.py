"""What needs an NVIDIA GPU: skipped, with the reason, where there is none."""

import pytest

from nijigan.core.errors import EngineError, MissingExtraError
from nijigan.core.lazy import needs_extra


@pytest.fixture(scope="session", autouse=True)
def gpu():
    """The GPU's name."""
    try:
        with needs_extra("tensorrt"):
            from nijigan.server.engines.cuda import gpu_name

            return gpu_name()
    except (EngineError, MissingExtraError) as error:
        pytest.skip(str(error))
