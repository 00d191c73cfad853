import { describe, expect, it } from "vitest";

import type { ImportOut, ImportProblem } from "../wire";
import { linesOf, ways } from "./preview";

const problem = (code: string, row: number): ImportProblem => ({
  sheet: "题库",
  row,
  column: "F",
  code,
  message: { zh: code, en: code },
  cell: "D",
  cells: [],
  other: null,
});
const preview: ImportOut = {
  file: "a.xlsx",
  layout: "L4",
  rows: 3,
  accepted: 2,
  rejected: 1,
  warned: 1,
  byKind: { single: 2 },
  pictures: 0,
  problems: [problem("E_KEY_EMPTY", 7), problem("W_DUP_STEM", 8)],
  items: [8, 9].map((row) => ({
    sheet: "题库",
    row,
    kind: "single",
    stem: `第 ${row} 题`,
    options: ["甲", "乙"],
    key: "A",
    change: "added",
    pictures: 0,
  })),
  added: 2,
  changed: 0,
  unchanged: 0,
  poolId: null,
  version: null,
};

describe("the preview of an import", () => {
  it("puts the accepted item beside a remark on its row, and nothing beside a refusal", () => {
    expect(linesOf(preview, "problems").map((line) => line.item?.row ?? null)).toEqual([null, 8]);
  });

  it("shows refusals and remarks apart", () => {
    expect(linesOf(preview, "rejected").map((line) => line.problem?.code)).toEqual(["E_KEY_EMPTY"]);
    expect(linesOf(preview, "warned").map((line) => line.problem?.code)).toEqual(["W_DUP_STEM"]);
    expect(linesOf(preview, "all").map((line) => line.problem?.code ?? "")).toEqual(["E_KEY_EMPTY", "W_DUP_STEM", ""]);
  });

  it("locks the whole file while a row is refused", () => {
    expect(ways(preview)).toEqual({ all: false, validOnly: true, nothingNew: false });
    expect(ways({ ...preview, rejected: 0 })).toEqual({ all: true, validOnly: false, nothingNew: false });
    expect(ways({ ...preview, accepted: 0, added: 0 }).validOnly).toBe(false);
  });

  it("says when the file brings nothing new", () => {
    expect(ways({ ...preview, rejected: 0, added: 0, unchanged: 2 })).toEqual({
      all: false,
      validOnly: false,
      nothingNew: true,
    });
  });
});
