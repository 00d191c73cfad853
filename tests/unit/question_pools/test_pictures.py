"""Pictures of a workbook reach the items they lie beside."""

import hashlib

import pytest

from question_pools.errors import NotAWorkbook
from question_pools.exchange import pictures
from question_pools.exchange.bank import Import, read_bank
from question_pools.exchange.package import OoxmlPackage
from question_pools.exchange.pictures import anchored_pictures, picture_from
from tests.fixtures.pools.workbooks import L9, picture, repacked, xlsx

ROWS = [
    L9,
    ["单选题", "如图，这是什么？", "甲", "乙", "", "", "A", "", "", "", ""],
    ["单选题", "选图", "", "", "丙", "", "A", "", "", "", ""],
]
RED, BLUE, GREEN = picture("red"), picture("blue", kind="JPEG"), picture("green", kind="GIF")
NAMES = (
    'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
IMAGE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
DRAWING = "xl/drawings/drawing1.xml"


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def taken(*placed: tuple[str, bytes]) -> Import:
    return read_bank(xlsx({"S": ROWS}, pictures=[("S", cell, data) for cell, data in placed]), "x.xlsx")


def told(held: Import) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.column, problem.code.value) for problem in held.report.problems]


def test_a_picture_in_a_row_belongs_to_its_item_and_in_an_option_column_to_the_option():
    held = taken(("B2", RED), ("C3", BLUE), ("D3", GREEN))
    first, second = held.items
    assert first.pictures == (sha(RED),)
    assert [option.picture for option in second.options] == [sha(BLUE), sha(GREEN), None]
    assert {one.sha256: (one.mime, one.data) for one in held.pictures} == {
        sha(RED): ("image/png", RED),
        sha(BLUE): ("image/jpeg", BLUE),
        sha(GREEN): ("image/gif", GREEN),
    }
    assert held.report.problems == ()


def test_a_picture_that_two_items_show_is_kept_once():
    held = taken(("B2", RED), ("L2", RED), ("B3", RED), ("C3", RED), ("D3", BLUE))
    assert held.items[0].pictures == (sha(RED),)
    assert len(held.pictures) == 2


def test_a_stem_that_speaks_of_a_picture_without_one_is_warned_of():
    held = taken(("C3", BLUE), ("D3", RED))
    assert told(held) == [(2, "B", "W_IMAGE_MISSING")]


def test_a_picture_beside_no_item_is_told():
    held = taken(("B2", RED), ("C3", BLUE), ("D3", RED), ("C9", GREEN))
    assert told(held) == [(9, "C", "W_IMAGE_MISSING")]
    assert sha(GREEN) not in {one.sha256 for one in held.pictures}


def test_a_stem_may_be_only_a_picture():
    rows = [L9, ["单选题", "", "甲", "乙", "", "", "A", "", "", "", ""]]
    held = read_bank(xlsx({"S": rows}, pictures=[("S", "B2", RED)]), "x.xlsx")
    assert [(one.stem, one.pictures) for one in held.items] == [("", (sha(RED),))]


def test_columns_that_promise_a_picture_are_held_to_it():
    header = ["试题类型", "题目内容", "题目选项", "题目答案", "图片", "是否有图片"]
    rows = [
        header,
        ["单选题", "一", "**A.甲**B.乙", "A", "1.png", "否"],
        ["单选题", "二", "**A.甲**B.丙", "A", "", "是"],
        ["单选题", "三", "**A.甲**B.丁", "A", "", "否"],
        ["单选题", "四", "**A.甲**B.戊", "A", "4.png", ""],
    ]
    held = read_bank(xlsx({"S": rows}), "x.xlsx")
    assert told(held) == [
        (2, "F", "W_IMAGE_MISSING"),
        (3, "F", "W_IMAGE_MISSING"),
        (5, "E", "W_IMAGE_MISSING"),
    ]


CELL_IMAGES = f"""<etc:cellImages xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData" {NAMES}>
    <etc:cellImage><xdr:pic><xdr:nvPicPr><xdr:cNvPr id="2" name="@NAME"/></xdr:nvPicPr>
    <xdr:blipFill><a:blip r:embed="rId1"/></xdr:blipFill></xdr:pic></etc:cellImage></etc:cellImages>"""
CELL_RELS = f"""<Relationships xmlns="{RELS}">
    <Relationship Id="rId1" Type="{IMAGE}" Target="@TARGET"/></Relationships>"""


def cell_images(target: str = "media/wps.png", name: str = "ID_1") -> dict[str, bytes]:
    return {
        "xl/cellimages.xml": CELL_IMAGES.replace("@NAME", name).encode(),
        "xl/_rels/cellimages.xml.rels": CELL_RELS.replace("@TARGET", target).encode(),
        "xl/media/wps.png": RED,
    }


def test_wps_pictures_in_cells_are_found_by_name_and_their_formula_is_not_text():
    rows = [L9, ["单选题", "是什么？", "甲", "乙", "", "", "A", "", "", "", ""]]
    rows[1][1] = '是什么？ \'=DISPIMG("ID_1",1)'.replace("'", "")
    held = read_bank(repacked(xlsx({"S": rows}), **cell_images()), "x.xlsx")
    assert [(one.stem, one.pictures) for one in held.items] == [("是什么？", (sha(RED),))]


@pytest.mark.parametrize("parts", [{}, cell_images(target="media/none.png"), cell_images(name="ID_2")])
def test_a_named_picture_that_is_not_there_is_told(parts):
    rows = [L9, ["单选题", 'x =DISPIMG("ID_1",1)', "甲", "乙", "", "", "A", "", "", "", ""]]
    held = read_bank(repacked(xlsx({"S": rows}), **parts), "x.xlsx")
    assert told(held) == [(2, "B", "W_IMAGE_MISSING")]


def test_only_what_browsers_show_and_of_bounded_size_is_a_picture(monkeypatch):
    assert picture_from(RED).mime == "image/png"
    assert picture_from(picture(kind="WEBP")).mime == "image/webp"
    assert picture_from(picture(kind="BMP")) is None
    assert picture_from(b"no picture") is None
    assert picture_from(bytes(pictures.MAX_PICTURE_BYTES + 1)) is None
    monkeypatch.setattr(pictures, "MAX_PIXELS", 63)
    assert picture_from(RED) is None


def test_a_picture_that_cannot_be_shown_is_told():
    held = taken(("B2", picture(kind="BMP")), ("C3", BLUE), ("D3", RED))
    assert told(held) == [(2, "B", "W_IMAGE_MISSING")]


@pytest.mark.parametrize(
    ("drawing", "problems"),
    [
        (f"<xdr:wsDr {NAMES}><xdr:absoluteAnchor/></xdr:wsDr>", 1),
        (f"<xdr:wsDr {NAMES}><xdr:oneCellAnchor><xdr:from/><xdr:pic/></xdr:oneCellAnchor></xdr:wsDr>", 2),
        (None, 1),
    ],
    ids=["no corner", "no blip", "no part"],
)
def test_odd_drawings_lose_a_picture_and_nothing_else(drawing, problems):
    data = xlsx({"S": ROWS[:2]}, pictures=[("S", "B2", RED)])
    held = read_bank(repacked(data, **{DRAWING: drawing if drawing is None else drawing.encode()}), "x.xlsx")
    assert held.report.accepted == 1
    assert [code for _, _, code in told(held)] == ["W_IMAGE_MISSING"] * problems


@pytest.mark.parametrize(
    "drawing", [b"<broken", f"<x {NAMES}><y><xdr:from><xdr:row>z</xdr:row></xdr:from></y></x>".encode()]
)
def test_a_damaged_drawing_is_a_damaged_workbook(drawing):
    data = xlsx({"S": ROWS}, pictures=[("S", "B2", RED)])
    with pytest.raises(NotAWorkbook, match="drawing"):
        read_bank(repacked(data, **{DRAWING: drawing}), "x.xlsx")


def test_a_sheet_that_the_workbook_does_not_name_has_no_pictures():
    package = OoxmlPackage.opened(xlsx({"S": ROWS}, pictures=[("S", "B2", RED)]), "x.xlsx")
    assert len(anchored_pictures(package, "S")) == 1
    assert anchored_pictures(package, "T") == []
