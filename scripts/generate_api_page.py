"""Generate docs/api.md, the page of the interface, from the comments of the proto.

    python scripts/generate_api_page.py [--check]

The reasons of errors are those of nijigan.core.errors. With --check nothing is written, and the
exit code is 1 where the page is not what it would be.
"""

import inspect
import re
import sys
from collections.abc import Iterable, Iterator

from google.protobuf import descriptor_pb2 as pb

from generated_files import write_or_check
from nijigan.core import errors
from proto_source import STYLIZER, Comments, comments_of, read_proto

PAGE = "docs/api.md"
MARK = f"<!-- Made from proto/{STYLIZER} by scripts/generate_api_page.py: do not edit. -->"
SOURCE = f"Clients in other languages are generated from [{STYLIZER}](../proto/{STYLIZER})."
SYNTAX = (12,)  # of protoc's paths; the comment of the file is the one above `syntax`
UNEXPECTED = "What has no other reason: a mistake of the sidecar's. Its log says more."


def main() -> int:
    """Write the page, or with --check compare it with what it would be."""
    return write_or_check("Generate the page of the interface.", generate)


def generate() -> dict[str, bytes]:
    """Return the content of the page by its path in the repository."""
    return {PAGE: page(read_proto(STYLIZER)).encode()}


def page(file: pb.FileDescriptorProto) -> str:
    """Return the page: a block of Markdown for each paragraph, heading and table."""
    comments = comments_of(file)
    blocks = [MARK, f"# The interface `{file.package}`", prose(comments[SYNTAX]), SOURCE]
    for i, service in enumerate(file.service):
        blocks += service_blocks(file.package, service, i, comments)
    blocks += ["## Messages"]
    for i, message in enumerate(file.message_type):
        blocks += message_blocks(message, i, comments)
    blocks += ["## Enums"]
    for i, enum in enumerate(file.enum_type):
        blocks += enum_blocks(enum, i, comments)
    return "\n\n".join([*blocks, *reason_blocks()]) + "\n"


def service_blocks(
    package: str, service: pb.ServiceDescriptorProto, index: int, comments: Comments
) -> Iterator[str]:
    """Yield the blocks of a service: what it is, then each method with what goes in and out."""
    yield f"## Service `{package}.{service.name}`"
    yield prose(comments[6, index])
    for i, method in enumerate(service.method):
        yield f"### {method.name}"
        taken = ("stream of " * method.client_streaming) + link(method.input_type)
        given = ("stream of " * method.server_streaming) + link(method.output_type)
        yield f"{taken} → {given}"
        yield prose(comments[6, index, 2, i])


def message_blocks(message: pb.DescriptorProto, index: int, comments: Comments) -> Iterator[str]:
    """Yield the blocks of a message: what it is, its fields, and which of them exclude others."""
    if message.nested_type or message.enum_type:  # a map is one, too
        sys.exit(f"{message.name} has types inside it, which the page has no place for yet.")
    yield f"### {message.name}"
    yield prose(comments[4, index])
    if not message.field:
        yield "It has no fields."
        return
    rows = []
    oneofs: dict[int, list[str]] = {}
    for i, field in enumerate(message.field):
        rows += [(f"`{field.name}`", field.number, field_type(field), comments[4, index, 2, i])]
        if field.HasField("oneof_index") and not field.proto3_optional:
            oneofs.setdefault(field.oneof_index, []).append(f"`{field.name}`")
    yield table(("field", "number", "type", "meaning"), rows)
    for i, members in oneofs.items():
        name = message.oneof_decl[i].name
        yield f"`{name}` is one of {', '.join(members)}. {prose(comments[4, index, 8, i])}"


def field_type(field: pb.FieldDescriptorProto) -> str:
    """Return the type of a field as the proto writes it, with a link to what the page has."""
    scalar = pb.FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()
    name = link(field.type_name) if field.type_name else scalar
    if field.label == pb.FieldDescriptorProto.LABEL_REPEATED:
        return f"repeated {name}"
    return f"optional {name}" if field.proto3_optional else name


def enum_blocks(enum: pb.EnumDescriptorProto, index: int, comments: Comments) -> Iterator[str]:
    """Yield the blocks of an enum: what it is, and its values."""
    yield f"### {enum.name}"
    yield prose(comments[5, index])
    rows = [
        (f"`{value.name}`", value.number, comments[5, index, 2, i])
        for i, value in enumerate(enum.value)
    ]
    yield table(("value", "number", "meaning"), rows)


def reason_blocks() -> Iterator[str]:
    """Yield the blocks of the errors: each reason once, from the class that brings it in."""
    yield "## Errors"
    yield (
        "The `reason` of an ErrorInfo, and the status code that it comes with. Some are of "
        "training and export alone; more may come."
    )
    rows = []
    for name, error in vars(errors).items():
        if name in errors.__all__ and "reason" in vars(error):
            meaning = (inspect.getdoc(error) or "").split("\n\n")[0]
            if error is errors.NijiganError:
                meaning = UNEXPECTED
            rows += [(f"`{error.reason}`", f"`{error.grpc_code}`", meaning)]
    yield table(("reason", "code", "meaning"), rows)


def link(type_name: str) -> str:
    """Return a link to a type's heading, from its full name as descriptors have it."""
    name = type_name.rpartition(".")[2]
    return f"[{name}](#{name.lower()})"


def table(head: tuple[str, ...], rows: Iterable[tuple[str | int, ...]]) -> str:
    """Return a Markdown table; the last cell of a row is prose."""
    lines = [head, *((*map(str, cells), cell(str(last))) for *cells, last in rows)]
    top, *others = (f"| {' | '.join(line)} |" for line in lines)
    return "\n".join([top, "|---" * len(head) + "|", *others])


def cell(text: str) -> str:
    """Return prose as one line without what would end a cell."""
    return " ".join(prose(text).split()).replace("|", r"\|")


def prose(text: str) -> str:
    """Return a comment as Markdown: what is not `code` has no tags, emphasis or links."""
    parts = re.split(r"(`[^`]*`)", text)
    parts[::2] = [re.sub(r"([<*\[])", r"\\\1", part) for part in parts[::2]]
    return "".join(parts)


if __name__ == "__main__":
    sys.exit(main())
