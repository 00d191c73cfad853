"""Word documents: blocks with lost line breaks, full-width letters, pictures, and XML that means harm."""

import pytest

from question_pools.errors import NoHeader, NotAWorkbook, TooLarge, ZipBomb
from question_pools.exchange import sheets
from question_pools.exchange.bank import Import, read_bank
from question_pools.items import Kind
from tests.fixtures.pools.documents import body, document, docx, paragraph
from tests.fixtures.pools.workbooks import picture, repacked


def read(*lines: str, **pictures: bytes) -> Import:
    return read_bank(document(*lines, pictures=pictures), "bank.docx")


def codes(taken: Import) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.column, problem.code.value) for problem in taken.report.problems]


BLOCK = (
    "【试题类型】单选题",
    "【难度】难",
    "【大纲编号】1.2",
    "【题目】系挂点在？",
    "Ａ．低处",
    "Ｂ．高处",
    "【答案】Ｂ",
)


def test_a_block_is_an_item_with_full_width_letters():
    taken = read("试题导入模板", *BLOCK, "【解析】高挂低用")
    (one,) = taken.items
    assert (taken.report.layout, taken.report.problems) == ("L3", ())
    assert (one.stem, one.key, one.difficulty, one.outline, one.rationale) == (
        "系挂点在？",
        2,
        5,
        "1.2",
        "高挂低用",
    )
    assert [option.text for option in one.options] == ["低处", "高处"]


def test_line_breaks_between_the_parts_and_the_blocks_may_be_missing():
    glued = (
        "【试题类型】多选题【题目】戴？ A.帽 B.鞋 C.带【答案】AC【题型】判断题【题目】可饮酒。【答案】错误"
    )
    taken = read(
        glued, "【试题类型】单选题\n【题目】哪个？\tA.甲\tB.乙\n答案：A", "【题型】判断题【题目】无答案。"
    )
    assert [(one.kind, one.key) for one in taken.items] == [
        (Kind.MULTI, 0b101),
        (Kind.JUDGE, 2),
        (Kind.SINGLE, 1),
    ]
    assert codes(taken) == [(4, "答案", "E_KEY_EMPTY")]


def test_options_may_have_a_tag_and_unknown_tags_are_text():
    (one,) = read("【题型】单选题【题目】【注意】哪个？【选项】A.甲 B.乙【答案】A").items
    assert (one.stem, len(one.options)) == ("【注意】哪个？", 2)


def test_a_block_that_begins_with_options_has_no_stem():
    taken = read("【选项】A.甲 B.乙", "【题目】无类型。【答案】对")
    assert [row for row, _, _ in codes(taken)] == [1]


def test_a_block_may_name_its_type_after_its_stem():
    (one,) = read("【题目】可以。【试题类型】判断题【答案】对").items
    assert one.kind is Kind.JUDGE


def test_pictures_stand_for_options_or_belong_to_the_stem():
    red, blue, green = picture("red"), picture("blue"), picture("green")
    taken = read(
        "【试题类型】单选题【题目】{pic:rId1}如图，禁止标志是？",
        "A．{pic:rId2}",
        "B．{pic:rId3}",
        "【答案】B",
        rId1=red,
        rId2=blue,
        rId3=green,
    )
    (one,) = taken.items
    held = {kept.sha256: kept.data for kept in taken.pictures}
    assert taken.report.problems == ()
    assert (one.stem, [held[sha] for sha in one.pictures]) == ("如图，禁止标志是？", [red])
    assert [(option.text, held[option.picture or ""]) for option in one.options] == [("", blue), ("", green)]


def test_a_picture_nobody_can_show_is_warned_of():
    taken = read(*BLOCK[:3], "【题目】{pic:rId1}系挂点在？", *BLOCK[4:], rId1=b"WMF")
    assert codes(taken) == [(1, "题目", "W_IMAGE_MISSING")]


def test_a_linked_picture_is_not_fetched():
    link = '<Relationship Id="rId1" Type="x/image" Target="http://127.0.0.1/p.png" TargetMode="External"/>'
    lines = [paragraph(line) for line in (*BLOCK[:3], "【题目】{pic:rId1}系挂点在？", *BLOCK[4:])]
    assert codes(read_bank(docx(body(lines), links=link), "x.docx")) == [(1, "题目", "W_IMAGE_MISSING")]


def test_content_that_is_repeated_for_older_programs_counts_once():
    doubled = "".join(paragraph(line) for line in BLOCK)
    xml = body([f"<w:choice>{doubled}</w:choice><Fallback><w:pict>{doubled}</w:pict></Fallback>"])
    assert read_bank(docx(xml), "x.docx").report.rows == 1


def test_a_document_without_blocks_has_no_header():
    with pytest.raises(NoHeader):
        read("只有文字")


BOMB = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>"
OUTSIDE = "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/hostname'>]>"


@pytest.mark.parametrize("declared", [BOMB, OUTSIDE])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused_in_every_encoding(declared, encoding):
    xml = f'<?xml version="1.0" encoding="{encoding}"?>{declared}{body([paragraph("【题目】&a;")])}'
    with pytest.raises(NotAWorkbook) as refused:
        read_bank(docx(xml.encode(encoding)), "x.docx")
    assert "document type" in refused.value.why


def test_relationships_with_a_document_type_are_refused_too():
    with pytest.raises(NotAWorkbook):
        read_bank(docx(body([paragraph(line) for line in BLOCK]), links="<x>"), "x.docx")


def test_damaged_xml_is_refused():
    with pytest.raises(NotAWorkbook):
        read_bank(docx("<w:document>"), "x.docx")


def test_a_document_that_unpacks_a_thousandfold_is_a_bomb():
    with pytest.raises(ZipBomb):
        read_bank(docx(bytes(8 * 1024 * 1024)), "x.docx")


def test_a_document_with_too_many_blocks_is_refused(monkeypatch):
    monkeypatch.setattr(sheets, "MAX_ROWS", 3)
    with pytest.raises(TooLarge):
        read(*["【题目】甲【答案】对"] * 4)


def test_a_zip_file_that_is_neither_workbook_nor_document_is_refused():
    with pytest.raises(NotAWorkbook) as refused:
        read_bank(repacked(document(*BLOCK), **{"word/document.xml": None}), "x.zip")
    assert "xl/workbook.xml" in refused.value.why
