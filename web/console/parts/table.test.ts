import { NoAnswer, Problem } from "@kit/api";
import { describe, expect, it } from "vitest";

import { bulk } from "./bulk";
import type { DataColumn } from "./column";
import { firstOf, withFilter, without } from "./kept";
import { allTicked, still, stretched, toggled } from "./pick";
import { choicesOf, isPlain, PLAIN, sifted, turned, type Sift } from "./sift";

interface Row {
  id: string;
  name: string;
  score: number | null;
  state: string;
}
const ROWS: Row[] = [
  { id: "a", name: "第10场 马文海", score: 8000, state: "open" },
  { id: "b", name: "第2场 才让卓玛", score: null, state: "draft" },
  { id: "c", name: "第2场 李建国", score: 6000, state: "open" },
];
const COLUMNS: DataColumn<Row>[] = [
  { key: "name", label: "名称", width: "1fr", filter: "text" },
  { key: "score", label: "成绩", width: "1fr", right: true, words: (row) => (row.score === null ? "" : String(row.score / 100)) },
  { key: "state", label: "状态", width: "1fr", filter: "choice", words: (row) => (row.state === "open" ? "已开放" : "草稿") },
  { key: "acts", label: "打开", width: "1fr", bare: true },
];
const ids = (sift: Partial<Sift>): string[] => sifted(ROWS, COLUMNS, { ...PLAIN, ...sift }).map((row) => row.id);

describe("what a table shows", () => {
  it("finds every word anywhere in the row, in what is shown", () => {
    expect(ids({ words: "第2场 草稿" })).toEqual(["b"]);
    expect(ids({ words: "80" })).toEqual(["a"]);
    expect(ids({ words: "draft" })).toEqual([]);
  });
  it("filters columns by a choice or a part", () => {
    expect(ids({ wants: { state: "已开放", name: "李" } })).toEqual(["c"]);
    expect(ids({ wants: { gone: "x" } })).toEqual(["a", "b", "c"]);
    expect(choicesOf(ROWS, COLUMNS[2] as DataColumn<Row>)).toEqual(["草稿", "已开放"].sort(new Intl.Collator("zh-CN").compare));
  });
  it("sorts numbers in words as numbers and puts what is missing last both ways", () => {
    expect(ids({ sort: { key: "name", down: false } })[2]).toBe("a");
    expect(ids({ sort: { key: "score", down: false } })).toEqual(["c", "a", "b"]);
    expect(ids({ sort: { key: "score", down: true } })).toEqual(["a", "c", "b"]);
  });
  it("turns a sort up, down and off", () => {
    const up = turned(null, "name");
    const down = turned(up, "name");
    expect([up, down, turned(down, "name"), turned(down, "score")]).toEqual([
      { key: "name", down: false }, { key: "name", down: true }, null, { key: "score", down: false },
    ]);
  });
  it("leaves the order it was given alone", () => {
    sifted(ROWS, COLUMNS, { ...PLAIN, sort: { key: "score", down: true } });
    expect(ROWS.map((row) => row.id)).toEqual(["a", "b", "c"]);
    expect(isPlain({ words: " ", wants: { name: "" }, sort: null })).toBe(true);
  });
});

describe("ticks", () => {
  it("are set, taken away and stretched", () => {
    const one = toggled(new Set(), "b");
    expect([...stretched(one, ["a", "b", "c"], "b", "c")]).toEqual(["b", "c"]);
    expect([...stretched(one, ["a", "b", "c"], "gone", "a")]).toEqual(["b", "a"]);
    expect(toggled(one, "b").size).toBe(0);
  });
  it("forget what is gone, and know when all are set", () => {
    expect([...still(new Set(["a", "x"]), ["a", "b"])]).toEqual(["a"]);
    expect([allTicked(new Set(["a"]), ["a"]), allTicked(new Set(["a"]), ["a", "b"]), allTicked(new Set(), [])]).toEqual([true, false, false]);
  });
});

describe("an act on many rows", () => {
  it("runs a few at a time and keeps every refusal with its row", async () => {
    let now = 0;
    let most = 0;
    const steps: number[] = [];
    const rows = Array.from({ length: 9 }, (_, i) => i);
    const outcome = await bulk(rows, async (row) => {
      now += 1;
      most = Math.max(most, now);
      await Promise.resolve();
      now -= 1;
      if (row === 3) throw new Problem("session-state-wrong", 409, {}, null);
      if (row === 7) throw new NoAnswer("x");
    }, (n) => steps.push(n), 4);
    expect(most).toBe(4);
    expect(outcome.done).toEqual([0, 1, 2, 4, 5, 6, 8]);
    expect(outcome.failed.map((one) => one.row)).toEqual([3, 7]);
    expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
  it("does not hide a fault of the page", async () => {
    await expect(bulk([1], () => Promise.reject(new TypeError("fault")))).rejects.toThrow("fault");
  });
});

describe("kept filters", () => {
  const sift: Sift = { words: "架子工", wants: {}, sort: null };
  it("are replaced by name, dropped, and one of them comes first", () => {
    const held = { ...withFilter({ first: "", filters: [] }, "我的", sift), first: "我的" };
    expect(firstOf(held)).toEqual(sift);
    expect(withFilter(held, "我的", PLAIN).filters).toEqual([{ name: "我的", sift: PLAIN }]);
    expect(without(held, "我的")).toEqual({ first: "", filters: [] });
    expect(firstOf(without(held, "我的"))).toEqual(PLAIN);
  });
});
