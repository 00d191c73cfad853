"""Cells that a pool cannot fill, as wire and problems name them."""

from exam_api.http.wire_staff import InfeasibleOut, Says
from question_pools.blueprint import Blueprint, Infeasible


def infeasible_out(one: Infeasible, blueprint: Blueprint | None = None) -> InfeasibleOut:
    """A cell that cannot be filled, in words."""
    cell = one.cell
    which = "·".join(
        part for part in (cell.outline, f"难度 {cell.difficulty}" if cell.difficulty else "") if part
    )
    where = f"“{one.title}”" + (f"（{which}）" if which else "")
    number = None
    if blueprint is not None and cell in blueprint.sections[one.section].cells:
        number = blueprint.sections[one.section].cells.index(cell)
    return InfeasibleOut(
        section=one.section,
        cell=number,
        wanted=one.wanted,
        available=one.available,
        message=Says(
            zh=f"{where}需要 {one.wanted} 题，题库只能提供 {one.available} 题",
            en=f"{where} asks for {one.wanted} items, the pool can give {one.available}",
        ),
    )
