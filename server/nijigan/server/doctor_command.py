"""The verb `doctor`."""

import json
from dataclasses import asdict
from typing import Annotated

import typer


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Look for what is wrong: versions, engines, styles, the sidecar and its log.

    Engines compute and styles draw something small. Exits with 1 where something is wrong.
    """
    from nijigan.export.styles import StyleLibrary, default_folders
    from nijigan.server.doctor import WRONG, Finding, examine
    from nijigan.server.paths import data_dir

    def show(finding: Finding) -> None:
        if not as_json:
            remedy = f"\n        {finding.remedy}" if finding.remedy else ""
            typer.echo(f"{finding.state:7} {finding.what}: {finding.fact}{remedy}")

    findings = []
    for finding in examine(data_dir(), StyleLibrary(default_folders())):
        show(finding)
        findings.append(finding)
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in findings], indent=1))
    raise typer.Exit(1 if any(finding.state == WRONG for finding in findings) else 0)
