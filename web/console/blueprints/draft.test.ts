import { describe, expect, it } from "vitest";

import type { BlueprintIn, Infeasible } from "../wire";
import { emptyCell, emptySection, repaired, repairs, sendable, sums, unnamed } from "./draft";

const draft: BlueprintIn = {
  title: "C3",
  sections: [
    { ...emptySection("单选", "single"), count: 40 },
    {
      ...emptySection("多选", "multi"),
      count: 20,
      pointsCenti: 200,
      cells: [
        { outline: "3.4", difficulty: 5, count: 6 },
        { ...emptyCell(), count: 8 },
      ],
    },
  ],
};
const short: Infeasible = {
  section: 1,
  cell: 0,
  wanted: 6,
  available: 4,
  message: { zh: "要抽 6 题，库里只有 4 题", en: "" },
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

  it("offers for a short cell what loses least first", () => {
    expect(repairs(draft, short)).toEqual([
      { what: "any-difficulty" },
      { what: "widen-outline", outline: "3" },
      { what: "take-fewer", count: 4 },
    ]);
  });

  it("offers fewer items only where there are some", () => {
    expect(repairs(draft, { ...short, available: 0 }).map((r) => r.what)).toEqual(["any-difficulty", "widen-outline"]);
    expect(repairs(draft, { ...short, cell: null }).map((r) => r.what)).toEqual(["take-fewer"]);
  });

  it("changes one cell and nothing else by a repair", () => {
    const after = repaired(draft, short, { what: "take-fewer", count: 4 });
    expect(after.sections[1]?.cells.map((cell) => cell.count)).toEqual([4, 8]);
    expect(after.sections[0]).toBe(draft.sections[0]);
    expect(repaired(draft, { ...short, cell: null }, { what: "take-fewer", count: 9 }).sections[1]?.count).toBe(9);
  });
});
