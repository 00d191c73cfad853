import { describe, expect, it } from "vitest";

import { differing } from "./differ";

const own = (mine: string, theirs: string): string[] =>
  differing(mine, theirs)
    .filter((part) => part.own)
    .map((part) => part.text);

describe("what differs between two texts", () => {
  it("is named on each side", () => {
    expect(own("连墙件必须及时设置吗", "连墙件应当及时设置")).toEqual(["必须", "吗"]);
    expect(own("连墙件应当及时设置", "连墙件必须及时设置吗")).toEqual(["应当"]);
  });

  it("is nothing between equal texts and all against none", () => {
    expect(own("甲乙", "甲乙")).toEqual([]);
    expect(own("甲乙", "")).toEqual(["甲乙"]);
    expect(differing("", "甲")).toEqual([]);
  });

  it("puts the text back together", () => {
    const mine = "起重机吊运物件时，重物下方不得站人";
    for (const theirs of ["重物下方严禁站人", "起重机", "不得在重物下方站人时吊运"])
      expect(differing(mine, theirs).map((part) => part.text).join("")).toBe(mine);
  });

  it("is not sought in very long texts", () => {
    expect(differing("甲".repeat(900), "乙")).toEqual([{ text: "甲".repeat(900), own: false }]);
  });
});
