/** The one button of an exam over its day. */
import { expect, it } from "vitest";

import type { MyExam } from "@kit/wire";

import { inOrder, ownDelayMs, stepOf } from "./examtime";

const OPENS = Date.UTC(2026, 10, 22, 2, 0, 0);
const exam = (change: Partial<MyExam> = {}): MyExam =>
  ({ id: "a", state: "ready", entryMs: OPENS - 1_800_000, opensMs: OPENS, latestEntryMs: OPENS + 900_000, ...change }) as MyExam;

it.each([
  [OPENS - 1_800_001, "plan"],
  [OPENS - 1_800_000, "enter"],
  [OPENS + 900_000, "enter"],
  [OPENS + 900_001, "missed"],
])("at %d a ready exam offers %s", (now, step) => {
  expect(stepOf(exam(), now)).toBe(step);
});

it("a running exam is gone on with even after the latest entry", () => {
  expect(stepOf(exam({ state: "running" }), OPENS + 9e6)).toBe("goOn");
});

it("puts the running one first and the handed-in ones last, newest of them first", () => {
  const list = [
    exam({ id: "old", state: "closed", opensMs: 1 }),
    exam({ id: "new", state: "closed", opensMs: 2 }),
    exam({ id: "now" }),
    exam({ id: "runs", state: "running" }),
  ];
  expect(inOrder(list, OPENS).map((one) => one.id)).toEqual(["runs", "now", "new", "old"]);
});

it("starts at its share of the spread, and soon where a service of before tells none", () => {
  expect(ownDelayMs(exam({ spreadMs: 20_000 }), 0.5)).toBe(10_000);
  expect(ownDelayMs(exam(), 0.5)).toBe(300);
});
