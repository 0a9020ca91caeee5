"""The engine `triton` against a server in this process, which can do what others must not."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Timer

import grpc
import numpy as np
import pytest

from nijigan.core.errors import CancelledError, EngineError, UsageError
from nijigan.export.style import load_style
from nijigan.kserve import open_inference_pb2 as pb
from nijigan.kserve.open_inference_pb2_grpc import (
    GRPCInferenceServiceServicer,
    add_GRPCInferenceServiceServicer_to_server,
)
from nijigan.server.cancel import Cancel
from nijigan.server.engines import check_engine, open_engine, open_graph


class Server(GRPCInferenceServiceServicer):
    """Draws the negative; what it says of itself can be changed."""

    def __init__(self):
        self.ready = True
        self.raw = True
        self.inputs = {"image": (-1, 3, -1, -1), "strength": (1,)}
        self.datatype = "FP32"
        self.asked = []
        self.hold = Event()
        self.hold.set()
        self.cancelled = Event()
        self.add_numbers = 0

    def ModelReady(self, request, context):  # noqa: N802
        if request.name != "toy_normal":
            context.abort(grpc.StatusCode.NOT_FOUND, f"no model {request.name}")
        return pb.ModelReadyResponse(ready=self.ready)

    def ModelMetadata(self, request, context):  # noqa: N802
        facts = pb.ModelMetadataResponse(name=request.name)
        for name, shape in self.inputs.items():
            facts.inputs.add(name=name, datatype=self.datatype, shape=shape)
        facts.outputs.add(name="drawn", datatype="FP32", shape=(-1, 3, -1, -1))
        return facts

    def ModelInfer(self, request, context):  # noqa: N802
        self.asked.append(request)
        context.add_callback(self.cancelled.set)
        self.hold.wait(20)
        response = pb.ModelInferResponse()
        values = -np.frombuffer(request.raw_input_contents[0], "<f4")[self.add_numbers :]
        name = request.outputs[0].name
        tensor = response.outputs.add(name=name, datatype="FP32", shape=request.inputs[0].shape)
        if self.raw:
            response.raw_output_contents.append(values.tobytes())
        else:
            tensor.contents.fp32_contents.extend(values)
        return response


@pytest.fixture
def server():
    servicer = Server()
    with ThreadPoolExecutor(4) as pool:
        runs = grpc.server(pool, options=(("grpc.max_receive_message_length", -1),))
        add_GRPCInferenceServiceServicer_to_server(servicer, runs)
        servicer.engine = f"triton:127.0.0.1:{runs.add_insecure_port('127.0.0.1:0')}"
        runs.start()
        yield servicer
        servicer.hold.set()
        runs.stop(None).wait()


@pytest.fixture
def style(toy_style):
    return load_style(toy_style)


IMAGE = np.linspace(-1, 1, 2 * 3 * 4 * 8, dtype=np.float32).reshape(2, 3, 4, 8)


@pytest.mark.parametrize("raw", [True, False])
def test_pictures_go_there_and_come_back(style, server, raw):
    server.raw = raw
    engine = open_engine(style, "normal", server.engine)
    assert engine.name == server.engine
    assert np.array_equal(engine.run(IMAGE, 0.5, Cancel()), -IMAGE)
    (asked,) = server.asked
    assert asked.model_name == "toy_normal"
    assert [(each.name, tuple(each.shape)) for each in asked.inputs] == [
        ("image", IMAGE.shape),
        ("strength", (1,)),
    ]


def test_a_picture_may_be_larger_than_what_grpc_takes_untold(style, server):
    image = np.ones((1, 3, 700, 700), np.float32)  # 5.9 MB; gRPC takes 4
    assert open_engine(style, "normal", server.engine).run(image, 1.0, Cancel()).shape == (
        image.shape
    )


def test_cancel_ends_the_call_there_too(style, server):
    engine = open_engine(style, "normal", server.engine)
    server.hold.clear()
    cancel = Cancel()
    Timer(0.1, cancel.set).start()
    with pytest.raises(CancelledError):
        engine.run(IMAGE, 1.0, cancel)
    assert server.cancelled.wait(10)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ready": False}, "not ready"),
        ({"inputs": {"x": (1,)}}, "takes x and gives drawn"),
        ({"datatype": "FP16"}, "type FP16"),
    ],
)
def test_a_model_that_is_not_the_styles_is_refused(style, server, change, message):
    vars(server).update(change)
    with pytest.raises(EngineError, match=message):
        open_engine(style, "normal", server.engine)


def test_an_answer_of_another_size_is_refused(style, server):
    server.add_numbers = 1
    engine = open_engine(style, "normal", server.engine)
    with pytest.raises(EngineError, match="191 numbers"):
        engine.run(IMAGE, 1.0, Cancel())


def test_a_model_that_is_not_there_and_a_server_that_is_not_there_are_told_apart(style, server):
    with pytest.raises(EngineError, match="no model toy_fine") as caught:
        open_engine(style, "fine", server.engine)
    assert "--to triton" in caught.value.remedy
    with pytest.raises(EngineError, match="No inference server answers at"):
        open_engine(style, "normal", "triton:127.0.0.1:1")


@pytest.mark.parametrize("engine", ["triton:host", "triton:host:x", "triton::80", "triton:h:99999"])
def test_what_is_no_address_is_refused(engine):
    with pytest.raises(UsageError, match="no address"):
        check_engine(engine)


@pytest.mark.parametrize("engine", ["triton", "triton:box:8001", "triton:tls://box:443"])
def test_addresses(engine):
    check_engine(engine)


def test_it_has_no_graphs_but_those_of_styles(tmp_path):
    with pytest.raises(UsageError, match="styles that its server has"):
        open_graph(tmp_path / "x.onnx", "triton")
