"""What an import says about a file: figures and problems, each with its place, code and two languages."""

from enum import StrEnum
from typing import Final

import msgspec


class Code(StrEnum):
    """Stable codes: E_ rejects the row, W_ accepts it and asks a person to look."""

    TYPE = "E_TYPE"
    STEM_EMPTY = "E_STEM_EMPTY"
    NO_OPTIONS = "E_NO_OPTIONS"
    LOOKUP = "E_LOOKUP"
    KEY_EMPTY = "E_KEY_EMPTY"
    KEY_NOT_IN_OPTIONS = "E_KEY_NOT_IN_OPTIONS"
    SINGLE_MULTI_KEY = "E_SINGLE_MULTI_KEY"
    MULTI_ONE_KEY = "W_MULTI_ONE_KEY"
    DUP_ID = "E_DUP_ID"
    DUP_STEM = "W_DUP_STEM"
    NEAR_DUP = "W_NEAR_DUP"
    SET = "E_SET"
    SET_TORN = "E_SET_TORN"
    OUTLINE = "E_OUTLINE"
    SCORE = "E_SCORE"
    IMAGE_MISSING = "W_IMAGE_MISSING"
    TOO_LONG = "E_TOO_LONG"
    OPTION_MARK = "W_OPTION_MARK"
    DIFFICULTY = "W_DIFFICULTY"
    DUP_OPTION = "W_DUP_OPTION"

    @property
    def rejects(self) -> bool:
        """Whether a row with this problem is left out."""
        return self.startswith("E_")


class Message(msgspec.Struct, frozen=True):
    """One sentence in Chinese and in English."""

    zh: str
    en: str


class Problem(msgspec.Struct, frozen=True):
    """One thing about one row, placed as a person sees it in the sheet."""

    sheet: str
    row: int
    column: str
    """Letter of the column; empty when the column is missing."""
    code: Code
    message: Message


class Report(msgspec.Struct, frozen=True):
    """What happened to a file: `rows` = `accepted` + `rejected`; `warned` accepted rows have a W_ problem."""

    file: str
    layout: str
    rows: int
    accepted: int
    rejected: int
    warned: int
    by_kind: dict[str, int]
    problems: tuple[Problem, ...]


_SENTENCES: Final[dict[Code, tuple[str, str]]] = {
    Code.TYPE: (
        "题型“{0}”不是单选、多选或判断",
        "type “{0}” is not single choice, multiple choice or true/false",
    ),
    Code.STEM_EMPTY: ("题干为空", "the stem is empty"),
    Code.NO_OPTIONS: ("选项不足两个（读到 {0} 个）", "fewer than two options (found {0})"),
    Code.LOOKUP: (
        "只有题干和答案“{0}”，没有选项，不能组成试题：请补上题型和选项",
        "only a stem and the answer “{0}”, no options to choose from: add the type and the options",
    ),
    Code.KEY_EMPTY: ("答案为空", "the key is empty"),
    Code.KEY_NOT_IN_OPTIONS: (
        "答案“{0}”不在选项中，或选项标号不唯一（选项：{1}）",
        "key “{0}” is not among the options, or two options bear its letter ({1})",
    ),
    Code.SINGLE_MULTI_KEY: (
        "只能有一个答案的题给出了多个答案“{0}”",
        "an item with one right option has the key “{0}”",
    ),
    Code.MULTI_ONE_KEY: (
        "多选题只有一个答案“{0}”",
        "a multiple-choice item has only one right option, “{0}”",
    ),
    Code.DUP_ID: ("编号“{0}”与第 {1} 行重复", "id “{0}” is already used in row {1}"),
    Code.DUP_STEM: ("题干与{0}相同", "the same stem as in {1}"),
    Code.SET: (
        "共用材料编号“{0}”不在“共用材料”表中",
        "the item set “{0}” is not in the sheet of shared materials (共用材料)",
    ),
    Code.SET_TORN: (
        "共用材料“{0}”不完整（{1}），整组不导入",
        "the item set “{0}” is not whole ({2}), so none of it is taken",
    ),
    Code.OUTLINE: (
        "大纲编号“{0}”应为最多四级、每级 1～99 的数字，如 1.12.1.1",
        "outline code “{0}” is not up to four levels of 1 to 99, such as 1.12.1.1",
    ),
    Code.SCORE: (
        "分值“{0}”应大于 0、不超过 100，最多两位小数",
        "score “{0}” is not above 0 and up to 100 with at most two decimals",
    ),
    Code.IMAGE_MISSING: ("题目应有图片，但{0}", "the item should have a picture, but {1}"),
    Code.TOO_LONG: ("“{0}”有 {1} 个字符，最多 {2} 个", "“{0}” has {1} characters, at most {2} are allowed"),
    Code.NEAR_DUP: ("与{0}相近（{2}%）", "nearly the same as {1} ({2} %)"),
    Code.OPTION_MARK: (
        "选项标记残缺，已按唯一读法拆分，请核对：{0}",
        "option marks are damaged; split by the only reading that fits, please check: {0}",
    ),
    Code.DUP_OPTION: ("选项 {0} 与 {1} 内容相同", "options {0} and {1} are the same"),
    Code.DIFFICULTY: (
        "难度“{0}”无法识别，按 3（中）处理",
        "difficulty “{0}” is not known, taken as 3 (medium)",
    ),
}


def message(code: Code, *facts: object) -> Message:
    """The sentence of a code with its facts."""
    zh, en = _SENTENCES[code]
    return Message(zh.format(*facts), en.format(*facts))
