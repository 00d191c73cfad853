import { expect, test } from "vitest";

import { byCode, faultOf, nextCode, shares, without } from "./tree";

const rows = [
  { code: "1", title: "安全", weight: 3 },
  { code: "1.1", title: "用电", weight: 1 },
  { code: "1.2", title: "登高", weight: 2 },
  { code: "2", title: "技术", weight: 1 },
];

test("a share is the weight among siblings of what the parent has", () => {
  expect([...shares(rows)]).toEqual([["1", 0.75], ["1.1", 0.25], ["1.2", 0.5], ["2", 0.25]]);
  expect(shares([{ code: "1", title: "x", weight: 0 }]).get("1")).toBe(0);
});

test("codes are sorted by their numbers", () => {
  expect([{ code: "1.10" }, { code: "1.2" }, { code: "1" }].sort(byCode).map((one) => one.code)).toEqual(["1", "1.2", "1.10"]);
});

test("the next code is the first free one and there is no fifth level", () => {
  expect(nextCode(rows, "1")).toBe("1.3");
  expect(nextCode(rows, "")).toBe("3");
  expect(nextCode(rows, "1.1.1.1")).toBeNull();
});

test.each([
  [{ code: "1.x", title: "x", weight: 1 }, "code"],
  [{ code: "1", title: "x", weight: 1 }, "twice"],
  [{ code: "3.1", title: "x", weight: 1 }, "parent"],
  [{ code: "3", title: " ", weight: 1 }, "title"],
  [{ code: "3", title: "x", weight: 1.5 }, "weight"],
  [{ code: "3", title: "x", weight: 1 }, null],
])("a row is told what is wrong with it: %o", (row, fault) => {
  expect(faultOf(row, [...rows, row])).toBe(fault);
});

test("a node goes with all below it", () => {
  expect(without(rows, "1").map((row) => row.code)).toEqual(["2"]);
});
