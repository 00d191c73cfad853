import { describe, expect, it } from "vitest";

import { dayTime, fieldInstant, fieldValue, points, span } from "./days";

describe("times on the console", () => {
  it("are China time on every computer", () => {
    expect(dayTime(Date.UTC(2026, 10, 22, 16, 5))).toBe("2026-11-23 00:05");
  });

  it("come back from a field as they went in", () => {
    const ms = Date.UTC(2026, 10, 22, 1, 30);
    expect(fieldInstant(fieldValue(ms))).toBe(ms);
    expect(fieldInstant("")).toBeNull();
  });

  it("count down to nought and no further", () => {
    expect([span(1_600_000), span(5_200_000), span(-5), span(59_001)]).toEqual(["26:40", "1:26:40", "00:00", "01:00"]);
  });
});

describe("scores", () => {
  it("are shown without needless zeros", () => {
    expect([8400, 8350, 6667, 5, 0].map(points)).toEqual(["84", "83.5", "66.67", "0.05", "0"]);
  });
});
