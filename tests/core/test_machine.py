from importlib.metadata import version

from nijigan.core import machine
from nijigan.core.machine import describe_machine


def test_versions_are_of_what_is_installed_under_whatever_name(monkeypatch):
    others = {"onnx_runtime": ["onnxruntime"]}
    monkeypatch.setattr(machine, "packages_distributions", lambda: others)
    found = describe_machine("numpy", "onnx_runtime", "no-such-package")["versions"]
    assert found == {"numpy": version("numpy"), "onnxruntime": version("onnxruntime")}
