"""Pictures of an .xlsx file: those anchored to cells, and WPS pictures that a cell names by DISPIMG."""

import hashlib
import io
import posixpath
import re
import warnings
from typing import Final
from xml.etree.ElementTree import Element

import msgspec
from openpyxl.xml.functions import fromstring
from PIL import Image

from question_pools.exchange.package import OoxmlPackage
from question_pools.items import Picture

MAX_PICTURE_BYTES: Final = 2 * 1024 * 1024
"""Largest picture of an item: phones load them over mobile networks."""

MAX_PIXELS: Final = 25_000_000
"""Most pixels of a picture."""

_MIMES: Final = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
_DISPIMG: Final = re.compile(r"=(?:_xlfn\.)?DISPIMG\(\s*\"([^\"]+)\"\s*(?:,\s*\d+\s*)?\)", re.IGNORECASE)

_XML: Final = "{*}"
"""Any namespace: the transitional and the strict form of the format use different ones."""


class Anchored(msgspec.Struct, frozen=True):
    """A picture where its upper left corner lies; `picture` is None when the format cannot be shown."""

    row: int
    """As a person counts, from 1."""
    column: int
    """From 0."""
    picture: Picture | None


def picture_from(data: bytes) -> Picture | None:
    """A picture that browsers show (PNG, JPEG, GIF, WebP) and that is not too large, else None."""
    if len(data) > MAX_PICTURE_BYTES:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as image:
                mime = _MIMES.get(image.format or "")
                pixels = image.width * image.height
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    if mime is None or pixels > MAX_PIXELS:
        return None
    return Picture(hashlib.sha256(data).hexdigest(), mime, data)


def anchored_pictures(package: OoxmlPackage, sheet: str) -> list[Anchored]:
    """Pictures of a sheet in reading order."""
    part = _sheet_parts(package).get(sheet)
    if part is None:
        return []
    found: list[Anchored] = []
    for drawing in _related(package, part, "/drawing").values():
        found += _of_drawing(package, drawing)
    return sorted(found, key=lambda one: (one.row, one.column))


def cell_pictures(package: OoxmlPackage) -> dict[str, Picture]:
    """WPS pictures by the name that DISPIMG uses."""
    part = "xl/cellimages.xml"
    xml = package.part(part)
    if xml is None:
        return {}
    targets = _related(package, part, "/image")
    found: dict[str, Picture] = {}
    for pic in fromstring(xml).iterfind(f".//{_XML}pic"):
        name = pic.find(f".//{_XML}cNvPr")
        picture = _embedded(package, pic, targets)
        if name is not None and picture is not None:
            found[name.get("name", "")] = picture
    return found


def named_pictures(text: str) -> tuple[str, list[str]]:
    """A cell without its DISPIMG formulas, and the names they give."""
    return _DISPIMG.sub("", text), _DISPIMG.findall(text)


def first_named(text: str, mark: str) -> str:
    """A cell with its first DISPIMG formula replaced."""
    return _DISPIMG.sub(lambda _: mark, text, count=1)


def _sheet_parts(package: OoxmlPackage) -> dict[str, str]:
    """Part of each sheet by the sheet's name."""
    targets = _related(package, "xl/workbook.xml", "/worksheet")
    book = fromstring(package.part("xl/workbook.xml") or b"<workbook/>")
    return {
        sheet.get("name", ""): targets[_reference(sheet, "id")]
        for sheet in book.iterfind(f".//{_XML}sheet")
        if _reference(sheet, "id") in targets
    }


def _of_drawing(package: OoxmlPackage, part: str) -> list[Anchored]:
    xml = package.part(part)
    if xml is None:
        return []
    targets = _related(package, part, "/image")
    found: list[Anchored] = []
    for anchor in fromstring(xml):
        corner = anchor.find(f"{_XML}from")
        if corner is None:
            continue
        row = int(corner.findtext(f"{_XML}row", "0")) + 1
        column = int(corner.findtext(f"{_XML}col", "0"))
        held = anchor.iterfind(f".//{_XML}pic")
        found += [Anchored(row, column, _embedded(package, pic, targets)) for pic in held]
    return found


def _embedded(package: OoxmlPackage, pic: Element, targets: dict[str, str]) -> Picture | None:
    blip = pic.find(f".//{_XML}blip")
    target = None if blip is None else targets.get(_reference(blip, "embed"))
    data = None if target is None else package.part(target)
    return None if data is None else picture_from(data)


def _reference(element: Element, name: str) -> str:
    """The relationship that an element names in `r:id` or `r:embed`."""
    return next((held for key, held in element.items() if key.endswith("}" + name)), "")


def _related(package: OoxmlPackage, part: str, kind: str) -> dict[str, str]:
    """Parts that a part refers to with a relationship of this kind, by id; outside links are left out."""
    folder, name = posixpath.split(part)
    xml = package.part(posixpath.join(folder, "_rels", name + ".rels"))
    if xml is None:
        return {}
    return {
        rel.get("Id", ""): posixpath.normpath(posixpath.join("/", folder, rel.get("Target", "")))[1:]
        for rel in fromstring(xml)
        if rel.get("Type", "").endswith(kind) and rel.get("TargetMode") != "External"
    }
