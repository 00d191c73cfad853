import { describe, expect, it } from "vitest";

import type { BlueprintIn, Repair } from "../wire";
import { emptyCell, emptySection, LEVELS, levelOf, plainBounds, repaired, sendable, sums, unnamed, used, withLevel } from "./draft";

const draft: BlueprintIn = {
  ...plainBounds,
  title: "C3",
  sections: [
    { ...emptySection("单选", "single"), count: 40 },
    {
      ...emptySection("多选", "multi"),
      count: 20,
      pointsCenti: 200,
      cells: [
        { outline: "3.4", difficulty: 5, hardest: null, count: 6 },
        { ...emptyCell(), count: 8 },
      ],
    },
  ],
};
const repair: Repair = {
  what: "difficulty",
  section: 1,
  cell: 0,
  count: 6,
  outline: "3.4",
  difficulty: 4,
  hardest: 5,
  sectionCount: 20,
  other: null,
  otherCount: 0,
  sharePercent: null,
  there: 19,
};

describe("a blueprint being written", () => {
  it("adds up while one types", () => {
    expect(sums(draft)).toEqual({ items: 60, totalCenti: 8000 });
    expect(draft.sections.map(unnamed)).toEqual([40, 6]);
  });

  it("is sent only when every field can be", () => {
    expect(sendable(draft)).toBe(true);
    expect(sendable({ ...draft, title: " " })).toBe(false);
    expect(sendable({ ...draft, sections: [{ ...emptySection("x", "single"), count: 0 }] })).toBe(false);
    expect(sendable({ ...draft, sections: [{ ...emptySection("x", "single"), pointsCenti: 33.3 }] })).toBe(false);
  });

  it("keeps its bounds inside what they can be", () => {
    expect(sendable({ ...draft, overlapPercent: 101 })).toBe(false);
    expect(sendable({ ...draft, sharePercent: 0 })).toBe(false);
    expect(sendable({ ...draft, sharePercent: 30, restPapers: 0 })).toBe(true);
  });

  it("takes a repair as it is offered and changes nothing else", () => {
    const after = repaired(draft, repair);
    expect(after.sections[1]?.cells[0]).toEqual({ outline: "3.4", difficulty: 4, hardest: 5, count: 6 });
    expect(after.sections[1]?.cells[1]).toBe(draft.sections[1]?.cells[1]);
    expect(after.sections[0]).toBe(draft.sections[0]);
  });

  it("moves items to another row, lets an empty row go, shortens a section", () => {
    const moved = repaired(draft, { ...repair, what: "move", count: 4, other: 1, otherCount: 10 });
    expect(moved.sections[1]?.cells.map((cell) => cell.count)).toEqual([4, 10]);
    expect(repaired(draft, { ...repair, count: 0 }).sections[1]?.cells).toHaveLength(1);
    expect(repaired(draft, { ...repair, cell: null, sectionCount: 18 }).sections[1]?.count).toBe(18);
    expect(repaired(draft, { ...repair, sharePercent: 53 }).sharePercent).toBe(53);
  });

  it("says difficulty as one choice, single or range", () => {
    expect(LEVELS).toHaveLength(14);
    for (const level of ["", "3", "2-4"]) expect(levelOf(withLevel(emptyCell(), level))).toBe(level);
  });

  it("measures use by what the pool has", () => {
    const state = { section: 0, cell: 0, wanted: 6, there: 24, sharePermille: 250 };
    expect([used(undefined), used(state), used({ ...state, there: 0 }), used({ ...state, wanted: 99 })]).toEqual([0, 25, 100, 100]);
  });
});
