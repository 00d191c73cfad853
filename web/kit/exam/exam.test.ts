/** Taps, names and ways through a paper. */
import { describe, expect, it } from "vitest";

import { chosenCount, letterOf, pointsText, tapped } from "./choice";
import { dueNotice, mayAnswer, nextGap, urgency, walkOf } from "./walk";

describe("a tap", () => {
  it("on a chosen single option does not clear it", () => expect(tapped("single", 0b10, 1)).toBe(0b10));
  it("on another single option replaces it", () => expect(tapped("single", 0b10, 3)).toBe(0b1000));
  it("turns an option of a multiple item", () => {
    expect(tapped("multi", 0b10, 3)).toBe(0b1010);
    expect(tapped("multi", 0b1010, 3)).toBe(0b10);
  });
  it("is counted", () => expect(chosenCount(0b10110)).toBe(3));
});

it.each([
  [200, "2"],
  [50, "0.5"],
  [133, "1.33"],
  [8_405, "84.05"],
  [0, "0"],
])("%d hundredths read %s", (centi, text) => {
  expect(pointsText(centi)).toBe(text);
});

it("names true and false by their words, everything else by its place", () => {
  expect(letterOf({ kind: "judge" }, { text: "正确" }, 0)).toBe("对");
  expect(letterOf({ kind: "judge" }, { text: "错误" }, 1)).toBe("错");
  expect(letterOf({ kind: "judge" }, { text: "不正确" }, 1)).toBe("错");
  expect(letterOf({ kind: "single" }, { text: "正确" }, 2)).toBe("C");
});

describe("the way", () => {
  const answers = [1, 0, 2, 0, 0];
  it("leads to the next gap, then round to the first", () => {
    const walk = walkOf(answers, "free");
    expect(nextGap(answers, walk, 1)).toBe(3);
    expect(nextGap(answers, walk, 4)).toBe(1);
    expect(nextGap([1, 1], walkOf([1, 1], "free"), 0)).toBeNull();
  });
  it("forward-only does not lead back behind an answer", () => {
    const walk = walkOf(answers, "forward");
    expect(mayAnswer(walk, 1)).toBe(false);
    expect(mayAnswer(walk, 2)).toBe(true);
    expect(nextGap(answers, walk, 4)).toBe(3);
  });
});

describe("the time", () => {
  it("is said once at ten, five and one minute", () => {
    expect(dueNotice(600_500, 599_900)).toBe(10);
    expect(dueNotice(599_900, 599_000)).toBeNull();
    expect(dueNotice(300_001, 300_000)).toBe(5);
  });
  it("after a sleep says only the latest", () => expect(dueNotice(700_000, 30_000)).toBe(1));
  it("says nothing when time was added", () => expect(dueNotice(30_000, 700_000)).toBeNull());
  it("is calm, then soon, then last", () => {
    expect([600_001, 600_000, 60_000].map(urgency)).toEqual(["calm", "soon", "last"]);
  });
});
