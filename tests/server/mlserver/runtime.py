"""A runtime for MLServer that draws with a style's graph; it runs in MLServer's environment."""

import numpy as np
import onnxruntime
from mlserver import MLModel, types
from mlserver.utils import get_model_uri


class GraphRuntime(MLModel):
    async def load(self) -> bool:
        uri = await get_model_uri(self._settings)
        self._session = onnxruntime.InferenceSession(uri, providers=["CPUExecutionProvider"])
        self.inputs = [self._metadata(value) for value in self._session.get_inputs()]
        self.outputs = [self._metadata(value) for value in self._session.get_outputs()]
        return True

    def _metadata(self, value):
        shape = [side if isinstance(side, int) else -1 for side in value.shape]
        return types.MetadataTensor(name=value.name, datatype="FP32", shape=shape)

    async def predict(self, payload: types.InferenceRequest) -> types.InferenceResponse:
        inputs = {}
        for tensor in payload.inputs:
            data = tensor.data.root
            values = np.frombuffer(data, "<f4") if isinstance(data, bytes) else data
            inputs[tensor.name] = np.array(values, np.float32).reshape(tensor.shape)
        wanted = [output.name for output in payload.outputs or []]
        outputs = [
            types.ResponseOutput(
                name=name, datatype="FP32", shape=list(drawn.shape), data=drawn.ravel().tolist()
            )
            for name, drawn in zip(wanted, self._session.run(wanted, inputs), strict=True)
        ]
        return types.InferenceResponse(model_name=self.name, outputs=outputs)
