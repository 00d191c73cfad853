import { describe, expect, it } from "vitest";

import type { Agreement } from "../ask.audit";
import { wordsOf } from "../parts/sift";
import { pairSheet } from "./sheet";

const NINE = Date.UTC(2026, 10, 23, 1, 0, 0);
const ASKED: Agreement = {
  id: "a", act: "attempt.void", sessionId: "s", attemptId: "t", reason: "替考", label: "T1", session: "第一场", institution: "学校", askedBy: "赵",
  askedMs: NINE, untilMs: NINE + 900_000, answer: "", answeredBy: "", answeredMs: 0, usedMs: 0, mine: true, waitsForMe: false,
};
const told = (one: Partial<Agreement>, nowMs: number): string[] => pairSheet(nowMs).map((column) => wordsOf({ ...ASKED, ...one }, column));

describe("acts of two persons as a workbook", () => {
  it("leave empty what nobody did yet", () => {
    expect(told({}, NINE)).toEqual(["作废考试", "T1", "第一场", "学校", "替考", "赵", "2026-11-23 09:00", "2026-11-23 09:15", "等回答", "", "", ""]);
  });
  it("tell who answered and when it was done", () => {
    const used = told({ answer: "agreed", answeredBy: "钱", answeredMs: NINE + 60_000, usedMs: NINE + 120_000 }, NINE + 900_000);
    expect(used.slice(8)).toEqual(["已办", "钱", "2026-11-23 09:01", "2026-11-23 09:02"]);
  });
});
