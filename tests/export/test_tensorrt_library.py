import pytest

from nijigan.core.errors import MissingExtraError
from nijigan.export.tensorrt import library


def test_without_any_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setattr(library, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"No TensorRT is installed\. pip install"):
        library.load_library()


def test_one_that_cannot_be_loaded_says_why(monkeypatch):
    def refuse(name):
        raise ImportError("libnvinfer.so.11: cannot open shared object file")

    monkeypatch.setattr(library, "find_spec", lambda name: name == "tensorrt" or None)
    monkeypatch.setattr(library, "import_module", refuse)
    with pytest.raises(MissingExtraError, match="TensorRT is installed and cannot be loaded"):
        library.load_library()
