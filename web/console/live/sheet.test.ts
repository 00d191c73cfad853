import { describe, expect, it } from "vitest";

import { wordsOf } from "../parts/sift";
import type { LiveRow } from "../wire";
import { liveSheet } from "./sheet";

const NINE = Date.UTC(2026, 10, 23, 1, 0, 0);
const ROW: LiveRow = {
  id: "a", name: "张三", ticketNo: "T1", seat: "1-02", state: "running", answered: 7, slots: 20, fence: 1, startedMs: NINE - 600_000,
  deadlineMs: NINE + 95_000, lastSeenMs: NINE - 5_000, closedMs: 0, closeKind: null, scoreCenti: null, passed: null, durable: false,
  lateOps: 0, sideOps: 0, takeoverAskedMs: 0, hidden: 0,
};
const told = (row: Partial<LiveRow>): string[] => {
  const whole = { ...ROW, ...row };
  return liveSheet(NINE).map((column) => wordsOf(whole, column));
};

describe("the rows of a sitting as a workbook", () => {
  it("tell what the screen tells, with instants instead of ages", () => {
    expect(told({})).toEqual(["1-02", "张三", "T1", "作答中", "7", "20", "08:59:55", "01:35", "", ""]);
  });
  it("tell a result where the screen shows one", () => {
    const closed = told({ state: "closed", closeKind: "staff", scoreCenti: 8_350, passed: true });
    expect(closed.slice(3)).toEqual(["强制交卷", "7", "20", "08:59:55", "", "83.5", "合格"]);
  });
  it("tell nothing that did not happen", () => {
    expect(told({ state: "ready", lastSeenMs: 0, answered: 0 }).slice(3)).toEqual(["未开始", "0", "20", "", "", "", ""]);
  });
});
