"""An inference server that speaks KServe v2 over gRPC: Triton, MLServer and others.

The protocol is the Open Inference Protocol, `inference_grpc.md`; the part of it that is used is
`proto/nijigan/kserve/open_inference.proto`. The models are those that `export --to triton` writes.
"""

from collections.abc import Mapping
from math import prod

import grpc
import numpy as np
from numpy.typing import NDArray

from nijigan.core.errors import EngineError
from nijigan.export.feed import feed
from nijigan.export.style import Style
from nijigan.export.triton_name import triton_model_name
from nijigan.kserve import open_inference_pb2 as pb
from nijigan.kserve.open_inference_pb2_grpc import GRPCInferenceServiceStub
from nijigan.server.cancel import Cancel
from nijigan.server.engines.graph_engine import GraphEngine

F32 = NDArray[np.float32]

DEFAULT_ADDRESS = "localhost:8001"
"""Where Triton listens for gRPC if it is told nothing."""

_TLS = "tls://"
_ANY_SIZE = (("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1))
_ASK_S = 10.0


class TritonEngine(GraphEngine):
    """One quality of a style, drawn by another server.

    Args:
        style: whose model the server has.
        quality: of the style.
        address: `HOST:PORT` in plain text, or `tls://HOST:PORT`, for which the machine's
            certificates are trusted. `localhost:8001` if empty.

    Raises:
        EngineError: nothing answers there, it has no such model ready, or its model takes something
            other than a style's graph does.
    """

    def __init__(self, style: Style, quality: str, address: str = "") -> None:
        self.name = f"triton:{address or DEFAULT_ADDRESS}"
        self._address = address or DEFAULT_ADDRESS
        self._model = triton_model_name(style, quality)
        channel = _channel(self._address)
        self._stub = GRPCInferenceServiceStub(channel)  # type: ignore[no-untyped-call]
        self._inputs, outputs = self._describe()
        expected = {"image", "strength"}
        if style.normalization == "global":
            expected |= {"norm_stats", "norm_mix"}
        if set(self._inputs) != expected or "drawn" not in outputs:
            raise EngineError(
                f"The model {self._model!r} at {self._address} takes {_listed(self._inputs)} and "
                f"gives {_listed(outputs)}: it is not that of {style.name!r}.",
                "Write it with: nijigan export STYLE -o REPOSITORY --to triton.",
            )
        stats = self._inputs.get("norm_stats")
        self._stats_numbers = None if stats is None else int(stats[-1])

    def _describe(self) -> tuple[dict[str, tuple[int, ...]], dict[str, tuple[int, ...]]]:
        """Return the shapes of the model's inputs and outputs by name; -1 where any size goes."""
        try:
            ready = self._stub.ModelReady(pb.ModelReadyRequest(name=self._model), timeout=_ASK_S)
            request = pb.ModelMetadataRequest(name=self._model)
            facts = self._stub.ModelMetadata(request, timeout=_ASK_S)
        except grpc.RpcError as error:
            raise self._failure(error) from error
        if not ready.ready:
            raise EngineError(
                f"The server at {self._address} is not ready to draw with {self._model!r}.",
                "Read its log, or try again when it has loaded the model.",
            )
        for tensor in (*facts.inputs, *facts.outputs):
            if tensor.datatype != "FP32":
                raise EngineError(
                    f"{tensor.name!r} of the model {self._model!r} at {self._address} is of type "
                    f"{tensor.datatype}, and styles' graphs have FP32.",
                    "Write it with: nijigan export STYLE -o REPOSITORY --to triton.",
                )
        inputs = {tensor.name: tuple(tensor.shape) for tensor in facts.inputs}
        return inputs, {tensor.name: tuple(tensor.shape) for tensor in facts.outputs}

    def _fetch(
        self, output: str, image: F32, strength: float, cancel: Cancel, norm_stats: F32 | None
    ) -> F32:
        request = self._request(output, feed(image, strength, self._stats_numbers, norm_stats))
        cancel.raise_if_set()
        call = self._stub.ModelInfer.future(request)
        with cancel.on_set(call.cancel):
            try:
                response = call.result()
            except (grpc.RpcError, grpc.FutureCancelledError) as error:
                cancel.raise_if_set()
                raise self._failure(error) from error
        cancel.raise_if_set()
        return self._tensor(response, output)

    def _request(self, output: str, inputs: Mapping[str, F32]) -> pb.ModelInferRequest:
        request = pb.ModelInferRequest(model_name=self._model)
        request.outputs.add(name=output)
        for name, values in inputs.items():
            # Where a server has no scalars, they are of one dimension.
            shape = values.shape or (1,) * len(self._inputs[name])
            request.inputs.add(name=name, datatype="FP32", shape=shape)
            request.raw_input_contents.append(values.astype("<f4", copy=False).tobytes())
        return request

    def _tensor(self, response: pb.ModelInferResponse, name: str) -> F32:
        """Return an output of a response, whose numbers may be raw or not."""
        for number, tensor in enumerate(response.outputs):
            if tensor.name != name:
                continue
            if response.raw_output_contents:
                values = np.frombuffer(response.raw_output_contents[number], "<f4")
            else:
                values = np.array(tensor.contents.fp32_contents, np.float32)
            if tensor.datatype == "FP32" and values.size == prod(tensor.shape):
                return values.reshape(tuple(tensor.shape)).astype(np.float32)
            raise EngineError(
                f"The server at {self._address} sent {values.size} numbers of type "
                f"{tensor.datatype} as {name!r} of the shape {tuple(tensor.shape)}.",
                "Report it to whoever runs the server.",
            )
        raise EngineError(
            f"The server at {self._address} sent no {name!r} of the model {self._model!r}.",
            "Write it anew with: nijigan export STYLE -o REPOSITORY --to triton.",
        )

    def _failure(self, error: Exception) -> EngineError:
        code = error.code() if isinstance(error, grpc.Call) else None
        what = error.details() if isinstance(error, grpc.Call) else str(error)
        if code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED):
            return EngineError(
                f"No inference server answers at {self._address}: {what}.",
                "Start it, name another as triton:HOST:PORT, or use the engine onnxruntime.",
            )
        return EngineError(
            f"The server at {self._address} cannot draw with {self._model!r}: {what}.",
            "Give it the model (nijigan export STYLE -o REPOSITORY --to triton), or read its log.",
        )


def _channel(address: str) -> grpc.Channel:
    if address.startswith(_TLS):
        secure = grpc.ssl_channel_credentials()
        return grpc.secure_channel(address.removeprefix(_TLS), secure, options=_ANY_SIZE)
    return grpc.insecure_channel(address, options=_ANY_SIZE)


def _listed(names: Mapping[str, object]) -> str:
    return ", ".join(sorted(names)) or "nothing"
