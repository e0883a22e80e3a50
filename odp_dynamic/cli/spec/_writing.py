"""What the commands make, as people read and keep it."""

from __future__ import annotations

import re
from typing import Any

import click

from ..._files import write_whole
from .._output import json_of, say


def put(text: str, output: str | None) -> None:
    """Print a text, or write it to a file where one is named: whole, without colours."""
    if output is None:
        say(text.rstrip("\n"))
    else:
        write_whole(output, click.unstyle(text).rstrip("\n") + "\n")


def document_text(document: Any, *, as_json: bool) -> str:
    """Return a document as JSON or YAML."""
    return json_of(document) if as_json else yaml_of(document)


def yaml_of(document: Any) -> str:
    """Return a document as YAML, which means the same by the rules of 1.1 and of 1.2."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Quotes also the texts that are numbers by the rules of 1.2 alone (YAML 1.2.2, 10.3.2)."""

        def ignore_aliases(self, _: Any) -> bool:
            return True

    number = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+")
    whole = re.compile(rf"^(?:{number.pattern})$")
    Dumper.add_implicit_resolver("tag:yaml.org,2002:float", whole, list("-+.0123456789"))
    text: str = yaml.dump(document, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=120)
    return text
