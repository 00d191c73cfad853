import { describe, expect, it } from "vitest";

import { standingOf } from "./pair";

const held = { answer: "", usedMs: 0, untilMs: 100 } as const;

describe("where an agreement stands", () => {
  it.each([
    [{ ...held }, 99, "waiting"],
    [{ ...held }, 100, "over"],
    [{ ...held, answer: "agreed" as const }, 99, "agreed"],
    [{ ...held, answer: "agreed" as const }, 100, "over"],
    [{ ...held, answer: "agreed" as const, usedMs: 50 }, 100, "used"],
    [{ ...held, answer: "declined" as const }, 100, "declined"],
    [{ ...held, answer: "withdrawn" as const }, 1, "withdrawn"],
  ])("%o at %i is %s", (one, now, standing) => {
    expect(standingOf(one, now)).toBe(standing);
  });
});
