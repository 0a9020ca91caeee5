"""Writes the scenes of the samples in Unity's package.

    python scripts/unity_scene.py            # write them
    python scripts/unity_scene.py --check    # say which are old, and fail

A scene is a camera, which clears the screen, and an object with the sample's component, which draws
its screens by code. It is the text that Unity 2021.3 saves, all keys of it; Unity up to 6 opens it,
and saves it in the way of its own version. IDs are hashes of names, so they are the same on every
machine.
"""

import hashlib
import sys
from collections.abc import Mapping

from generated_files import ROOT, write_or_check
from unity_meta import PACKAGE, guid

_CLASSES = {
    "GameObject": 1,
    "Transform": 4,
    "Camera": 20,
    "AudioListener": 81,
    "MonoBehaviour": 114,
}
"""Unity's numbers of its classes."""
_FIELDS = {
    "Avatar": """\
  profile: {fileID: 0}
  styles:
  - cel
  transparent: 0
  network: {fileID: 0}
""",
    "Live": """\
  profile: {fileID: 0}
  network: {fileID: 0}
""",
}
"""By sample, what its component's fields are, in their order."""
_HEAD = "%YAML 1.1\n%TAG !u! tag:unity3d.com,2011:\n"
# Those of a new scene in which nothing is lit, as of the template "2D".
_SETTINGS = """\
--- !u!29 &1
OcclusionCullingSettings:
  m_ObjectHideFlags: 0
  serializedVersion: 2
  m_OcclusionBakeSettings:
    smallestOccluder: 5
    smallestHole: 0.25
    backfaceThreshold: 100
  m_SceneGUID: 00000000000000000000000000000000
  m_OcclusionCullingData: {fileID: 0}
--- !u!104 &2
RenderSettings:
  m_ObjectHideFlags: 0
  serializedVersion: 9
  m_Fog: 0
  m_FogColor: {r: 0.5, g: 0.5, b: 0.5, a: 1}
  m_FogMode: 3
  m_FogDensity: 0.01
  m_LinearFogStart: 0
  m_LinearFogEnd: 300
  m_AmbientSkyColor: {r: 0.212, g: 0.227, b: 0.259, a: 1}
  m_AmbientEquatorColor: {r: 0.114, g: 0.125, b: 0.133, a: 1}
  m_AmbientGroundColor: {r: 0.047, g: 0.043, b: 0.035, a: 1}
  m_AmbientIntensity: 1
  m_AmbientMode: 3
  m_SubtractiveShadowColor: {r: 0.42, g: 0.478, b: 0.627, a: 1}
  m_SkyboxMaterial: {fileID: 0}
  m_HaloStrength: 0.5
  m_FlareStrength: 1
  m_FlareFadeSpeed: 3
  m_HaloTexture: {fileID: 0}
  m_SpotCookie: {fileID: 10001, guid: 0000000000000000e000000000000000, type: 0}
  m_DefaultReflectionMode: 0
  m_DefaultReflectionResolution: 128
  m_ReflectionBounces: 1
  m_ReflectionIntensity: 1
  m_CustomReflection: {fileID: 0}
  m_Sun: {fileID: 0}
  m_IndirectSpecularColor: {r: 0, g: 0, b: 0, a: 1}
  m_UseRadianceAmbientProbe: 0
--- !u!157 &3
LightmapSettings:
  m_ObjectHideFlags: 0
  serializedVersion: 12
  m_GIWorkflowMode: 1
  m_GISettings:
    serializedVersion: 2
    m_BounceScale: 1
    m_IndirectOutputScale: 1
    m_AlbedoBoost: 1
    m_EnvironmentLightingMode: 0
    m_EnableBakedLightmaps: 0
    m_EnableRealtimeLightmaps: 0
  m_LightmapEditorSettings:
    serializedVersion: 12
    m_Resolution: 2
    m_BakeResolution: 40
    m_AtlasSize: 1024
    m_AO: 0
    m_AOMaxDistance: 1
    m_CompAOExponent: 1
    m_CompAOExponentDirect: 0
    m_ExtractAmbientOcclusion: 0
    m_Padding: 2
    m_LightmapParameters: {fileID: 0}
    m_LightmapsBakeMode: 1
    m_TextureCompression: 1
    m_FinalGather: 0
    m_FinalGatherFiltering: 1
    m_FinalGatherRayCount: 256
    m_ReflectionCompression: 2
    m_MixedBakeMode: 2
    m_BakeBackend: 1
    m_PVRSampling: 1
    m_PVRDirectSampleCount: 32
    m_PVRSampleCount: 512
    m_PVRBounces: 2
    m_PVREnvironmentSampleCount: 256
    m_PVREnvironmentReferencePointCount: 2048
    m_PVRFilteringMode: 1
    m_PVRDenoiserTypeDirect: 1
    m_PVRDenoiserTypeIndirect: 1
    m_PVRDenoiserTypeAO: 1
    m_PVRFilterTypeDirect: 0
    m_PVRFilterTypeIndirect: 0
    m_PVRFilterTypeAO: 0
    m_PVREnvironmentMIS: 1
    m_PVRCulling: 1
    m_PVRFilteringGaussRadiusDirect: 1
    m_PVRFilteringGaussRadiusIndirect: 5
    m_PVRFilteringGaussRadiusAO: 2
    m_PVRFilteringAtrousPositionSigmaDirect: 0.5
    m_PVRFilteringAtrousPositionSigmaIndirect: 2
    m_PVRFilteringAtrousPositionSigmaAO: 1
    m_ExportTrainingData: 0
    m_TrainingDataDestination: TrainingData
    m_LightProbeSampleCountMultiplier: 4
  m_LightingDataAsset: {fileID: 0}
  m_LightingSettings: {fileID: 0}
--- !u!196 &4
NavMeshSettings:
  serializedVersion: 2
  m_ObjectHideFlags: 0
  m_BuildSettings:
    serializedVersion: 2
    agentTypeID: 0
    agentRadius: 0.5
    agentHeight: 2
    agentSlope: 45
    agentClimb: 0.4
    ledgeDropHeight: 0
    maxJumpAcrossDistance: 0
    minRegionArea: 2
    manualCellSize: 0
    cellSize: 0.16666667
    manualTileSize: 0
    tileSize: 256
    accuratePlacement: 0
    maxJobWorkers: 0
    preserveTilesOutsideBounds: 0
    debug:
      m_Flags: 0
  m_NavMeshData: {fileID: 0}
"""
_NO_PREFAB = """\
  m_ObjectHideFlags: 0
  m_CorrespondingSourceObject: {fileID: 0}
  m_PrefabInstance: {fileID: 0}
  m_PrefabAsset: {fileID: 0}
"""
_CAMERA = """\
  m_Enabled: 1
  serializedVersion: 2
  m_ClearFlags: 2
  m_BackGroundColor: {r: 0.19215687, g: 0.3019608, b: 0.4745098, a: 0}
  m_projectionMatrixMode: 1
  m_GateFitMode: 2
  m_FOVAxisMode: 0
  m_SensorSize: {x: 36, y: 24}
  m_LensShift: {x: 0, y: 0}
  m_FocalLength: 50
  m_NormalizedViewPortRect:
    serializedVersion: 2
    x: 0
    y: 0
    width: 1
    height: 1
  near clip plane: 0.3
  far clip plane: 1000
  field of view: 60
  orthographic: 0
  orthographic size: 5
  m_Depth: -1
  m_CullingMask:
    serializedVersion: 2
    m_Bits: 4294967295
  m_RenderingPath: -1
  m_TargetTexture: {fileID: 0}
  m_TargetDisplay: 0
  m_TargetEye: 3
  m_HDR: 1
  m_AllowMSAA: 1
  m_AllowDynamicResolution: 0
  m_ForceIntoRT: 0
  m_OcclusionCulling: 1
  m_StereoConvergence: 10
  m_StereoSeparation: 0.022
"""
_LISTENER = "  m_Enabled: 1\n"


def main() -> int:
    return write_or_check("Writes the scenes of the samples in Unity's package.", generate)


def generate() -> dict[str, bytes]:
    """The scenes by their paths in the repository."""
    package = PACKAGE.relative_to(ROOT).as_posix()
    return {
        f"{package}/Samples~/{sample}/{sample}.unity": scene_text(sample).encode()
        for sample in _FIELDS
    }


def scene_text(sample: str) -> str:
    """The scene of a sample: settings, then objects and components, by their IDs."""
    camera = {"Transform": _transform(root=0), "Camera": _CAMERA, "AudioListener": _LISTENER}
    component = {"Transform": _transform(root=1), "MonoBehaviour": _component(sample)}
    documents = {
        **_object("Main Camera", "MainCamera", camera),
        **_object(f"{sample} Sample", "Untagged", component),
    }
    return _HEAD + _SETTINGS + "".join(documents[each] for each in sorted(documents))


def file_id(name: str, kind: str) -> int:
    """What an object of that name, or its component of that kind, is referred to by: 31 bits."""
    digest = hashlib.md5(f"{name}/{kind}".encode(), usedforsecurity=False).hexdigest()
    return int(digest[:8], 16) & 0x7FFFFFFF


def _object(name: str, tag: str, components: Mapping[str, str]) -> dict[int, str]:
    owner = file_id(name, "GameObject")
    listed = "".join(f"  - component: {{fileID: {file_id(name, kind)}}}\n" for kind in components)
    rest = "  m_Icon: {fileID: 0}\n  m_NavMeshLayer: 0\n  m_StaticEditorFlags: 0\n  m_IsActive: 1\n"
    named = f"  m_Layer: 0\n  m_Name: {name}\n  m_TagString: {tag}\n{rest}"
    about = f"  serializedVersion: 6\n  m_Component:\n{listed}{named}"
    documents = {owner: _document("GameObject", owner, about)}
    for kind, text in components.items():
        own = file_id(name, kind)
        documents[own] = _document(kind, own, f"  m_GameObject: {{fileID: {owner}}}\n{text}")
    return documents


def _document(kind: str, own: int, text: str) -> str:
    return f"--- !u!{_CLASSES[kind]} &{own}\n{kind}:\n{_NO_PREFAB}{text}"


def _transform(root: int) -> str:
    return f"""\
  m_LocalRotation: {{x: 0, y: 0, z: 0, w: 1}}
  m_LocalPosition: {{x: 0, y: 0, z: 0}}
  m_LocalScale: {{x: 1, y: 1, z: 1}}
  m_ConstrainProportionsScale: 0
  m_Children: []
  m_Father: {{fileID: 0}}
  m_RootOrder: {root}
  m_LocalEulerAnglesHint: {{x: 0, y: 0, z: 0}}
"""


def _component(sample: str) -> str:
    script = guid(PACKAGE.name, f"Samples~/{sample}/{sample}Sample.cs")
    return (
        "  m_Enabled: 1\n  m_EditorHideFlags: 0\n"
        f"  m_Script: {{fileID: 11500000, guid: {script}, type: 3}}\n"
        "  m_Name: \n  m_EditorClassIdentifier: \n" + _FIELDS[sample]
    )


if __name__ == "__main__":
    sys.exit(main())
