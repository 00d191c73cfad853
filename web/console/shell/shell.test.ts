import { describe, expect, it } from "vitest";

import { found, type Target } from "./places";
import { fitting } from "./rail";

describe("the rail", () => {
  it("shows what fits and puts the rest behind one entry", () => {
    expect(fitting([1, 2, 3], 3)).toEqual({ shown: [1, 2, 3], more: [] });
    expect(fitting([1, 2, 3, 4], 3)).toEqual({ shown: [1, 2], more: [3, 4] });
    expect(fitting([1, 2], 0)).toEqual({ shown: [], more: [1, 2] });
  });
});

describe("the jump field", () => {
  const targets: Target[] = [
    { to: "/a", title: "第 1 场 架子工", about: "西宁" },
    { to: "/b", title: "架子工题库", about: "worker-scaffolder" },
  ];
  it("finds by every word and puts first what begins with them", () => {
    expect(found(targets, "架子工").map((one) => one.to)).toEqual(["/b", "/a"]);
    expect(found(targets, "架子工 西宁").map((one) => one.to)).toEqual(["/a"]);
    expect(found(targets, "焊工")).toEqual([]);
    expect(found(targets, "")).toHaveLength(2);
  });
});
