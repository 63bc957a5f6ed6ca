# Copyright: (c) 2026, the groundwork.readiness contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SOAP answers of vSphere's API, decoded without a client library's classes: one value the class does not know spoils nothing.

The shapes are those of `estate/vsphere/objects.py`. Beyond what stands there: an element without content is an empty text,
unless it names a class (`xsi:type`), which makes it an empty data object, or an array, which makes it an empty list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final
from xml.parsers.expat import ExpatError, ParserCreate

from ...estate.vsphere.objects import TYPE, ObjectRead, Reference, many
from .plain_pages import PlainPages
from .scanner import NotPlain, Repeated, leaf_value, parent_value

_FIRST_OBJECT: Final = b"<objects>"
_LAST_OBJECT: Final = b"</objects>"
_OBJECT_DEPTHS: Final[Mapping[str, int]] = {"objects": 4, "returnval": 3}
"""Elements above an object in answers of RetrievePropertiesEx and RetrieveProperties."""

_NO_PROPERTY: Final = "the answer holds a property without a name or a value"
_SHOWN: Final = 300
"""Characters of a server's text that are repeated at most."""


class SoapError(Exception):
    """A body that is no SOAP answer; the text says what it is instead, without its tags where it is a page."""


class BrokenXml(SoapError):
    """A body that begins as a SOAP answer and is not well-formed XML."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What a server answers instead of a result: the fault's class, such as NoPermission, its message and its fields."""

    name: str
    message: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """The fault in words, as reason why something is not known."""
        if self.name == "NoPermission":
            privilege = self.fields.get("privilegeId")
            return f"no permission: privilege {privilege} is missing" if privilege else "no permission"
        return f"the server answered {self.name}: {self.message}" if self.message else f"the server answered {self.name}"


class SoapFault(Exception):
    """A call that the server answered with a fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.reason)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Refused:
    """An object as answered, with the fault of each path that the server did not give."""

    read: ObjectRead
    faults: Mapping[str, Fault]


def plain(text: Any, most: int = _SHOWN) -> str:
    """A server's text on one line, without control characters, cut where it is long; empty for what is no text."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text) if isinstance(text, str) else ""
    line = " ".join(shown.split())
    return line if len(line) <= most else f"{line[:most]} …"


class Decoder:
    """Decodes one answer, fed in chunks of any size.

    With `take`, each object of a property collector's answer is handed over as soon as it is complete and forgotten.
    """

    def __init__(self, take: Callable[[Refused], None] | None = None) -> None:
        self._root: dict[str, Any] = {}
        self._begun = False
        self._parser = ParserCreate()
        self._parser.buffer_text = True
        self._parser.buffer_size = 1 << 16
        self._parser.ordered_attributes = True
        self._parser.StartDoctypeDeclHandler = _refuse_doctype
        _set_handlers(self._parser, self._root, take)

    def feed(self, chunk: bytes) -> None:
        """Raises SoapError for what is no SOAP answer."""
        if not self._begun and chunk:
            _check_beginning(chunk)
            self._begun = True
        self._parse(chunk, False)

    def close(self) -> dict[str, Any]:
        """The element that holds the result, such as RetrievePropertiesExResponse, once all was fed.

        Raises SoapError for an answer that ends early or is none, SoapFault for a fault.
        """
        if not self._begun:
            raise SoapError("the answer is empty")
        self._parse(b"", True)
        body = _only_child(_only_child(self._root, "Envelope"), "Body")
        name, content = next(iter(body.items()), ("", None)) if isinstance(body, dict) else ("", None)
        if name.endswith("Fault"):
            raise SoapFault(_fault_of(content))
        if not name.endswith("Response"):
            raise SoapError("the answer is XML, yet no answer of vSphere's API")
        return content if isinstance(content, dict) else {}

    def _parse(self, chunk: bytes, is_last: bool) -> None:
        try:
            self._parser.Parse(chunk, is_last)
        except ExpatError as error:
            raise BrokenXml(f"the answer is not well-formed XML ({error})") from None


def decode(chunks: Iterable[bytes]) -> dict[str, Any]:
    """The result element of a whole answer: a method that returns one or many things has them under `returnval` (see `many`).

    Raises SoapFault for a fault, SoapError for anything else that is no result.
    """
    decoder = Decoder()
    for chunk in chunks:
        decoder.feed(chunk)
    return decoder.close()


def read_page(chunks: Iterable[bytes], pages: PlainPages | None = None) -> tuple[list[Refused], dict[str, Any]]:
    """The objects of a property collector's answer, and its result element without them. Raises as `decode` does.

    The objects, nearly all of such an answer, are read by `pages` where they are plain, which is the rule; it remembers
    what it met in earlier pages.
    """
    body = b"".join(chunks)
    first, last = body.find(_FIRST_OBJECT), body.rfind(_LAST_OBJECT) + len(_LAST_OBJECT)
    if 0 <= first < last:
        with suppress(NotPlain):
            objects = [_refused(one.values, one.rest) for one in (pages or PlainPages()).objects(body, first, last)]
            return objects, decode((body[:first], body[last:]))
    taken: list[Refused] = []
    decoder = Decoder(taken.append)
    decoder.feed(body)
    return taken, decoder.close()


def _refuse_doctype(*_declaration: Any) -> None:
    raise SoapError("the answer declares a document type, which no answer of vSphere's API does")


def _check_beginning(chunk: bytes) -> None:
    """Says at once that a proxy or a login page answered, where XML's own complaint would say nothing."""
    head = chunk[:4096].decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    if head.startswith("<") and "<html" not in head[:1024].lower():
        return
    raise SoapError(f"the answer is no XML: {_words_of_page(head)}")


def _words_of_page(page: str) -> str:
    words = [piece.partition(">")[2] if position else piece for position, piece in enumerate(page.split("<"))]
    return plain(" ".join(words), 120) or "nothing that can be shown"


def _only_child(node: Any, name: str) -> Any:
    if isinstance(node, dict):
        for key, child in node.items():
            if key.rpartition(":")[2] == name:
                return child
    return None


def _set_handlers(parser: Any, root: dict[str, Any], take: Callable[[Refused], None] | None) -> None:
    """Handlers as closures: they are called three times per element, so what they hold has to be near."""
    above: list[tuple[Any, list[str]]] = []
    taken = _OBJECT_DEPTHS if take else {}
    node: Any = root
    text = ""

    def start(_name: str, attributes: list[str]) -> None:
        nonlocal node, text
        above.append((node, attributes))
        node = None
        text = ""

    def characters(data: str) -> None:
        nonlocal text
        text += data

    def end(name: str) -> None:
        nonlocal node, text
        value = node
        node, attributes = above.pop()
        if attributes:
            value = _typed(value, text, attributes)
        elif value is None:
            value = text
        if name in taken and take and len(above) == taken[name] and isinstance(value, dict) and "obj" in value:
            take(object_read(value))
            text = ""
        elif node is None:
            node = {name: value}
        elif name not in node:
            node[name] = value
        elif (present := node[name]).__class__ is Repeated:
            present.append(value)
        else:
            node[name] = Repeated((present, value))

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters


def _typed(children: dict[str, Any] | None, text: str, attributes: list[str]) -> Any:
    """The value of an element with attributes."""
    held = own = ""
    for position in range(0, len(attributes), 2):
        name = attributes[position]
        if name == "type":
            held = attributes[position + 1]
        elif name.endswith(":type"):
            own = attributes[position + 1].rpartition(":")[2]
    return leaf_value(text, (held, own)) if children is None else parent_value(children, (held, own))


def object_read(node: Mapping[str, Any]) -> Refused:
    """An ObjectContent of the property collector. Raises SoapError where it lacks what makes it one."""
    try:
        values = {entry["name"]: entry["val"] for entry in many(node, "propSet")}
    except (KeyError, TypeError):
        raise SoapError(_NO_PROPERTY) from None
    return _refused(values, node)


def _refused(values: dict[str, Any], node: Mapping[str, Any]) -> Refused:
    reference = node.get("obj")
    if not isinstance(reference, Reference):
        raise SoapError("the answer holds an object without a reference")
    try:
        faults = {entry["path"]: localized_fault(entry["fault"]) for entry in many(node, "missingSet")}
    except (KeyError, TypeError):
        raise SoapError(_NO_PROPERTY) from None
    missing = {path: fault.reason for path, fault in faults.items()}
    return Refused(ObjectRead(reference.type, reference.moref, values, missing), faults)


def localized_fault(node: Any) -> Fault:
    """A LocalizedMethodFault, as it stands in a missingSet."""
    inner = node.get("fault") if isinstance(node, dict) else None
    message = plain(node.get("localizedMessage")) if isinstance(node, dict) else ""
    return _named_fault(inner, "", message)


def _fault_of(node: Any) -> Fault:
    """A SOAP fault: its class stands in the detail, by type or by the name of the element."""
    message = plain(_only_child(node, "faultstring"))
    detail = _only_child(node, "detail")
    inner = detail.items() if isinstance(detail, dict) else ()
    name, content = next(((key, child) for key, child in inner if key != TYPE), ("", None))
    return _named_fault(content, name.rpartition(":")[2].removesuffix("Fault"), message)


def _named_fault(content: Any, element: str, message: str) -> Fault:
    fields = {name: value for name, value in content.items() if name != TYPE} if isinstance(content, dict) else {}
    name = content.get(TYPE, element) if isinstance(content, dict) else element
    return Fault(plain(name, 80) or "a fault without a name", message, fields)
