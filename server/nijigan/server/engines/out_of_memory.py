"""Tells too little memory from what else an engine may fail with."""

import re

# ONNX Runtime on a CPU ("bad allocation", "Failed to allocate memory for requested buffer of
# size"), on CUDA ("CUDA failure 2: out of memory"), C++ ("std::bad_alloc"), CUDA's own name.
_SIGNS = re.compile(
    r"bad[ _]alloc|failed to allocate|out[ -]of[ -]memory|cudaErrorMemoryAllocation", re.IGNORECASE
)


def is_out_of_memory(error: Exception) -> bool:
    """Whether an engine's exception means that, by its type or its words."""
    return isinstance(error, MemoryError) or _SIGNS.search(str(error)) is not None
