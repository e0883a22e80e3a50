"""Documents as people read and keep them."""

from __future__ import annotations

import re
from typing import Any


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
