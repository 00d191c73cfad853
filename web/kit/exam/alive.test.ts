import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { deadSince, stampAlive, type Stamps } from "./alive";

function shelf(): Stamps & { held: Map<string, string> } {
  const held = new Map<string, string>();
  return { held, getItem: (key) => held.get(key) ?? null, setItem: (key, value) => void held.set(key, value), removeItem: (key) => void held.delete(key) };
}

describe("how long a page was dead", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("is told by the next page, within a second", () => {
    const stamps = shelf();
    stampAlive("a", stamps, () => Date.now());
    vi.advanceTimersByTime(30_400);
    const cut = Date.now();
    const dead = deadSince("a", stamps, cut + 240_000);
    expect(dead).toBeGreaterThanOrEqual(240_000);
    expect(dead).toBeLessThanOrEqual(241_000);
  });

  it("is nothing for a reload, a first page or another attempt", () => {
    const stamps = shelf();
    expect(deadSince("a", stamps, Date.now())).toBe(0);
    stampAlive("a", stamps, () => Date.now());
    expect(deadSince("a", stamps, Date.now() + 4_000)).toBe(0);
    expect(deadSince("b", stamps, Date.now() + 90_000)).toBe(0);
  });

  it("is forgotten when the attempt is over, and nothing breaks on a device that keeps nothing", () => {
    const stamps = shelf();
    stampAlive("a", stamps, () => Date.now())(true);
    expect(stamps.held.size).toBe(0);
    const refusing: Stamps = { getItem: () => refuse(), setItem: () => refuse(), removeItem: () => refuse() };
    stampAlive("a", refusing, () => Date.now())(true);
    expect(deadSince("a", refusing, Date.now())).toBe(0);
  });
});

function refuse(): never {
  throw new Error("no storage");
}
