import { expect, test } from "vitest";

import { fresh, ofKind, ticked, withoutOption } from "./draft";

test("one right answer replaces another, several stand together", () => {
  const single = ticked(ticked(fresh(), 1), 2);
  expect(single.key).toBe(0b100);
  const multi = ticked(ticked(ofKind(single, "multi"), 0), 2);
  expect(multi.key).toBe(0b001);
});

test("the right answers move along when an option before them goes", () => {
  const draft = { ...ofKind(fresh(), "multi"), key: 0b1010 };
  expect(withoutOption(draft, 0).key).toBe(0b101);
  expect(withoutOption(draft, 1).key).toBe(0b100);
  expect(withoutOption(draft, 3).key).toBe(0b010);
});

test("another kind keeps what fits it", () => {
  const multi = { ...ofKind(fresh(), "multi"), key: 0b1110 };
  expect(ofKind(multi, "single").key).toBe(0b0010);
  const judge = ofKind(multi, "judge");
  expect([judge.options.map((one) => one.text), judge.key]).toEqual([["正确", "错误"], 0b10]);
  expect([ofKind(judge, "single").options.length, ofKind(judge, "single").key]).toEqual([4, 0]);
});
