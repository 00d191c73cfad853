"""As what a person works for an employer: the codes, and the words sheets use for them."""

from collections.abc import Mapping
from typing import Final

from enrollment.identity import TO_HALF_WIDTH, UNSEEN

ROLES: Final[Mapping[str, tuple[str, str]]] = {
    "principal": ("企业主要负责人", "Principal of the enterprise (A)"),
    "project-lead": ("项目负责人", "Project lead (B)"),
    "safety-c1": ("专职安全生产管理人员（机械类）", "Safety officer, machinery (C1)"),
    "safety-c2": ("专职安全生产管理人员（土建类）", "Safety officer, civil works (C2)"),
    "safety-c3": ("专职安全生产管理人员（综合类）", "Safety officer, general (C3)"),
    "special-operator": ("特种作业人员", "Special operator"),
    "worker": ("技术工人", "Skilled worker"),
    "other": ("其他人员", "Other"),
}
"""Stored codes, never renamed, with what people call them. A, B, C1–C3: 建质〔2015〕206 号."""

_WORDS: Final[Mapping[str, frozenset[str]]] = {
    "principal": frozenset({"企业主要负责人", "主要负责人", "法定代表人", "总经理", "a", "a类"}),
    "project-lead": frozenset({"项目负责人", "项目经理", "b", "b类"}),
    "safety-c1": frozenset({"c1", "c1类", "机械类专职安全员", "专职安全生产管理人员(机械类)"}),
    "safety-c2": frozenset({"c2", "c2类", "土建类专职安全员", "专职安全生产管理人员(土建类)"}),
    "safety-c3": frozenset(
        {"c3", "c3类", "综合类专职安全员", "专职安全生产管理人员(综合类)", "专职安全员", "安全员"}
    ),
    "special-operator": frozenset({"特种作业人员", "特种作业", "特种工"}),
    "worker": frozenset({"技术工人", "工人", "技工", "建筑工人"}),
    "other": frozenset({"其他", "其他人员", ""}),
}


def parse_role(text: str) -> str | None:
    """The code of what a sheet says; None: no word we know."""
    bare = "".join(text.translate(TO_HALF_WIDTH).strip(UNSEEN).lower().split())
    if bare in ROLES:
        return bare
    return next((code for code, words in _WORDS.items() if bare in words), None)
