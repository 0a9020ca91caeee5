"""What protoc reads in the protos of proto/nijigan: what they declare, and their comments."""

import re
import sys
import tempfile
from pathlib import Path

from google.protobuf import descriptor_pb2 as pb
from grpc_tools import protoc

FOLDER = Path(__file__).parent.parent / "proto"
STYLIZER = "nijigan/v1/stylizer.proto"
KSERVE = "nijigan/kserve/open_inference.proto"
Comments = dict[tuple[int, ...], str]  # by the path of what they are about, as protoc numbers it


def run_protoc(*arguments: str) -> None:
    """Run protoc on files that are named relative to proto/; what it refuses ends the script."""
    if protoc.main(["protoc", f"--proto_path={FOLDER}", *arguments]) != 0:
        sys.exit("protoc refuses them.")


def read_proto(name: str) -> pb.FileDescriptorProto:
    """Return what a proto declares, with where each thing and its comment are."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, "descriptors")
        run_protoc("--include_source_info", f"--descriptor_set_out={path}", name)
        return pb.FileDescriptorSet.FromString(path.read_bytes()).file[0]


def comments_of(file: pb.FileDescriptorProto) -> Comments:
    """Return the comment above each thing: a line for each paragraph, a blank one in between."""
    return {
        tuple(location.path): "\n\n".join(
            " ".join(paragraph.split())
            for paragraph in re.split(r"\n\s*\n", location.leading_comments.strip())
        )
        for location in file.source_code_info.location
    }


def value_name(enum: pb.EnumDescriptorProto, value: pb.EnumValueDescriptorProto) -> str:
    """Return the name of an enum's value without the prefix that the proto needs: the enum's."""
    prefix = "".join(f"_{c}" if c.isupper() else c.upper() for c in enum.name)[1:] + "_"
    return value.name.removeprefix(prefix)
