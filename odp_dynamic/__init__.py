"""A client for the Optimizely Data Platform (ODP) REST API that has no hand-written operation.

It reads its OpenAPI document at run time and walks it into operations keyed by operationId; each validates what goes
out and what comes back. Change the document, and the client has changed.

Nothing is imported until it is used. The floors, each importing only from those below it (a test walks the imports)::

    14  __main__                                the way in
    13  cli/  spark/                             skins: the command line, a data engine
    12  bulk/  pytest_plugin/                    tools that drive an Api
    11  sandbox/  stubs/  typed                  the other side of the wire; what type checkers know
    10  _api                                     look up, prepare, send, judge: nothing else
    9  _shared  uses/  checking/                a contract and its connections; your calls; the pre-flight
    8  _contract  _tape/                        how each call of some documents is made; recorded calls
    7  _wire                                    arguments → request, response → data
    6  _signatures  diff/  drift/                over what is bound: signatures; where documents and answers differ
    5  _bind  _security  _servers  _examples  _layers   over operations; over overlays
    4  _operations  overlay  _meaning/           over schemas: what can be called, what they mean
    3  _schema  _config                         over a document; over secrets and settings
    2  _document  _jsonpath  _transport  _retry  pacing  _settings  _secrets  _probe   files, network, clock, shell
    1  errors  _plain  _example_strings  _collector   words that stand on others
    0  _values  _pointers  _media  _forks  _files  _patterns  _templates   words everybody shares

One call, in one direction: look up → bind → check → write → sign → send → read → judge. The first five are `prepare`,
the last two `judge`; each is a function from value to value, and only `_transport` knows `requests`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:  # checkers and editors see ordinary imports
    from ._api import Api as Api
    from ._operations import Operation as Operation
    from ._operations import Parameter as Parameter
    from ._retry import Retry as Retry
    from ._schema import Schema as Schema
    from ._transport import RequestsTransport as RequestsTransport
    from ._values import Problem as Problem
    from ._values import Request as Request
    from ._values import Response as Response
    from ._values import Transport as Transport
    from .errors import BadRequest as BadRequest
    from .errors import Conflict as Conflict
    from .errors import ContractError as ContractError
    from .errors import InvalidRequest as InvalidRequest
    from .errors import InvalidResponse as InvalidResponse
    from .errors import NotAuthorized as NotAuthorized
    from .errors import NotFound as NotFound
    from .errors import OdpError as OdpError
    from .errors import RateLimited as RateLimited
    from .errors import ServerError as ServerError
    from .errors import SpecError as SpecError
    from .errors import StatusError as StatusError
    from .errors import TimedOut as TimedOut
    from .errors import TransportError as TransportError
    from .errors import UnknownOperation as UnknownOperation

_HOMES = {
    "_api": "Api",
    "_operations": "Operation Parameter",
    "_retry": "Retry",
    "_schema": "Schema",
    "_transport": "RequestsTransport",
    "_values": "Problem Request Response Transport",
    "errors": (
        "BadRequest Conflict ContractError InvalidRequest InvalidResponse NotAuthorized NotFound OdpError RateLimited"
        " ServerError SpecError StatusError TimedOut TransportError UnknownOperation"
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}
__all__ = sorted(_HOME_OF)  # noqa: PLE0605  # pinned by a test


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    from ._collector import collector_paused

    with collector_paused():
        value = globals()[name] = getattr(import_module(f".{_HOME_OF[name]}", __name__), name)
    return value


def __dir__() -> list[str]:
    return list(__all__)
