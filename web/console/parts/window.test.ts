import { describe, expect, it } from "vitest";

import { windowOf } from "./window";

describe("the rows of a long list that are in the page", () => {
  it("are all of a short one", () => {
    expect(windowOf(200, 40, 9999, 600)).toEqual({ from: 0, to: 200 });
  });

  it("are those in view and some around them", () => {
    expect(windowOf(1000, 40, 4000, 600)).toEqual({ from: 88, to: 127 });
  });

  it("never reach beyond the list", () => {
    expect(windowOf(1000, 40, 0, 600)).toEqual({ from: 0, to: 27 });
    expect(windowOf(1000, 40, 40_000, 600).to).toBe(1000);
    expect(windowOf(1000, 40, 900_000, 600)).toEqual({ from: 1000, to: 1000 });
  });
});
