"""The words that files use for columns, types, truth and difficulty."""

from enum import StrEnum
from typing import Final

from question_pools.items import Kind


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


class Role(StrEnum):
    """What a column holds."""

    ID = "id"
    KIND = "kind"
    STEM = "stem"
    KEY = "key"
    OPTIONS = "options"
    RATIONALE = "rationale"
    DIFFICULTY = "difficulty"
    SCORE = "score"
    OUTLINE = "outline"
    TOPIC = "topic"
    PICTURE = "picture"
    HAS_PICTURE = "has-picture"
    PINNED = "pinned"
    SET = "set"


_COLUMNS: Final[dict[Role, str]] = {
    Role.ID: """编号 试题编号 题目编号 题号 题目id 试题id id 试题编码 题目编码 编码
        itemid questionid externalid""",
    Role.KIND: """题型 试题类型 题目类型 类型 试题题型 题目题型 题类
        type questiontype itemtype qtype qutype kind""",
    Role.STEM: """题干 题目 题目内容 试题 试题内容 试题题干 题目题干 问题 题面 内容
        stem question questiontext content qucontent""",
    Role.KEY: """答案 正确答案 标准答案 题目答案 试题答案 参考答案 正确选项
        answer answers key correctanswer correct quanswer""",
    Role.OPTIONS: "选项 题目选项 试题选项 备选项 备选答案 答案选项 候选项 选项内容 options choices",
    Role.RATIONALE: "解析 答案解析 试题解析 题目解析 讲解 详解 explanation rationale analysis quanalyze",
    Role.DIFFICULTY: "难度 难易度 难易程度 难度等级 试题难度 题目难度 difficulty level qulevel",
    Role.SCORE: "分值 分数 分 得分 本题分值 题目分值 试题分数 试题分值 题目分数 score points mark",
    Role.OUTLINE: """大纲编号 大纲 大纲代码 大纲编码 考纲编号 考点编号 知识点编号 知识点编码
        outline outlinecode""",
    Role.TOPIC: "知识点 考点 所属知识点 知识点名称 knowledgepoint topic",
    Role.PICTURE: "图片 配图 题目图片 试题图片 附图 image picture",
    Role.HAS_PICTURE: "是否有图片 有无图片 是否有图 hasimage haspicture",
    Role.PINNED: "固定选项 pinnedoptions",
    Role.SET: "共用材料编号 itemset",
}

ROLES: Final = {name: role for role, names in _COLUMNS.items() for name in _words(names)}
"""Role by header cell: half width, small letters, without spaces and notes in brackets."""

SOURCES: Final = _words(
    """作业种类 章节 工种 专业 类别 分类 科目 岗位 法规依据 依据 出处 来源 题库
    category chapter source subject license majorname"""
)
"""Columns that say where an item comes from; they are kept together."""

_KINDS: Final = {
    Kind.SINGLE: "单选 单选题 单项选择 单项选择题 单项 single singlechoice radio",
    Kind.MULTI: """多选 多选题 多项选择 多项选择题 多项 不定项 不定项选择 不定项选择题
        multi multiple multiplechoice multipleresponse checkbox""",
    Kind.JUDGE: """判断 判断题 是非 是非题 对错 对错题 正误 正误题 判断正误
        judge truefalse true/false tf boolean""",
}

KINDS: Final = {name: kind for kind, names in _KINDS.items() for name in _words(names)}

CHOICE: Final = _words("选择 选择题 客观题 choice")
"""Types that leave it to the key whether one or several options are right."""

TRUE: Final = _words("正确 对 √ ✓ ✔ ☑ t true y yes 是 真 right correct 1")
FALSE: Final = _words("错误 错 × ✗ ✘ x ✕ ╳ f false n no 否 假 不正确 不对 wrong incorrect 0")

_LEVELS: Final = (
    "易 容易 简单 低 很易 easy",
    "较易 较简单 偏易",
    "中 中等 一般 适中 medium normal",
    "较难 偏难",
    "难 困难 高 很难 hard difficult",
)

LEVELS: Final = {name: level for level, names in enumerate(_LEVELS, 1) for name in _words(names)}
"""Difficulty on the scale of 1 to 5 by its word."""
