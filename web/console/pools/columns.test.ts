import { NoAnswer, Problem } from "@kit/api";
import { describe, expect, it } from "vitest";

import { byHand, FIELDS, glancesOf, hasTitles, lacks, likelyTitles, type Glance } from "./columns";

const glance: Glance = {
  sheet: "题",
  columns: ["A", "B", "C"],
  rows: [
    { number: 1, cells: ["某单位题库", "", ""] },
    { number: 2, cells: ["问", "一", "对的"] },
    { number: 3, cells: ["戴什么？", "帽", "A"] },
  ],
};

describe("columns named by hand", () => {
  it("are asked for where the service found no header, and only there", () => {
    const told = (slug: string): Problem => new Problem(slug, 400, { glances: [glance] }, null);
    expect(glancesOf(told("no-header"))).toEqual([glance]);
    expect(glancesOf(told("encrypted"))).toEqual([]);
    expect(glancesOf(new Problem("no-header", 400, {}, null))).toEqual([]);
    expect(glancesOf(new NoAnswer("x"))).toEqual([]);
    expect(glancesOf(null)).toEqual([]);
  });

  it("take the first of the fullest rows for the titles", () => {
    expect(likelyTitles(glance)).toBe(2);
    expect(likelyTitles({ ...glance, rows: [] })).toBe(0);
  });

  it("need a stem and a key, and each field once but the source", () => {
    expect(lacks({ A: "stem", B: "", C: "key" })).toEqual([]);
    expect(lacks({ A: "source", B: "source", C: "key" })).toEqual(["stem"]);
    expect(lacks({ A: "stem", B: "stem", C: "" })).toEqual(["key", "twice"]);
  });

  it("are sent without those that hold nothing", () => {
    const chosen = { A: "stem", B: "", C: "key" } as const;
    expect(byHand(glance, chosen, 2)).toEqual({ mapping: '{"A":"stem","C":"key"}', headerRow: 2, sheet: "题" });
    expect(byHand(glance, chosen, 0)).toEqual({ mapping: '{"A":"stem","C":"key"}', sheet: "题" });
  });

  it("of objects have names and no row of titles", () => {
    expect(hasTitles(glance)).toBe(true);
    expect(hasTitles({ ...glance, rows: [{ number: 0, cells: ["wen"] }] })).toBe(false);
    expect(new Set(FIELDS).size).toBe(FIELDS.length);
  });
});
