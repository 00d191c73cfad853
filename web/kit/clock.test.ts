/** The server's clock on a device that is wrong, slow or asleep. */
import { describe, expect, it } from "vitest";

import { clockText, NO_CLOCK, remaining, restored, sampled, serverNow, timeText } from "./clock";

const SERVER = Date.UTC(2026, 10, 22, 2, 0, 0);

function clockAt(serverMs: number, askedAt: number, gotAt: number) {
  return sampled(NO_CLOCK, { serverMs, askedAt, gotAt }).clock;
}

describe("the clock", () => {
  it("takes the middle of the way there and back", () => {
    expect(serverNow(clockAt(SERVER, 1000, 1800), 1800)).toBe(SERVER + 400);
  });

  it("runs on the monotonic counter alone, so the device's date changes nothing", () => {
    const clock = clockAt(SERVER, 0, 0);
    expect(remaining(clock, 60_000, { deadlineMs: SERVER + 90_000, pausedRemainingMs: null })).toBe(30_000);
  });

  it("keeps a good sample against a slower one", () => {
    const good = clockAt(SERVER, 0, 40);
    const { clock, jumped } = sampled(good, { serverMs: SERVER + 1000, askedAt: 1000, gotAt: 2400 });
    expect(clock).toBe(good);
    expect(jumped).toBe(false);
  });

  it("says so when the counter stood still while the phone slept", () => {
    const before = clockAt(SERVER, 0, 40);
    const { clock, jumped } = sampled(before, { serverMs: SERVER + 600_000, askedAt: 5000, gotAt: 5040 });
    expect(jumped).toBe(true);
    expect(serverNow(clock, 5040)).toBe(SERVER + 600_020);
  });

  it("does not call a correction below what anyone sees a jump", () => {
    const before = clockAt(SERVER, 0, 2000);
    expect(sampled(before, { serverMs: SERVER + 9000, askedAt: 9_800, gotAt: 9_840 }).jumped).toBe(false);
  });

  it("after a reload without network never goes back behind what was known", () => {
    const clock = restored(SERVER, 5_000_000, 5_000_000 - 86_400_000, 10);
    expect(serverNow(clock, 10)).toBe(SERVER);
  });

  it("gives way to the first real sample after such a reload", () => {
    const clock = restored(SERVER, 0, 30_000, 10);
    expect(serverNow(sampled(clock, { serverMs: SERVER + 95_000, askedAt: 10, gotAt: 20 }).clock, 20)).toBe(SERVER + 95_005);
  });

  it("stands still while paused", () => {
    expect(remaining(clockAt(SERVER, 0, 0), 9e9, { deadlineMs: SERVER, pausedRemainingMs: 61_000 })).toBe(61_000);
  });
});

it.each([
  [0, "00:00"],
  [1, "00:01"],
  [59_001, "01:00"],
  [1_938_000, "32:18"],
  [3_738_000, "1:02:18"],
])("%d ms left reads %s", (ms, text) => {
  expect(clockText(ms)).toBe(text);
});

it("shows instants as the clock on the wall in Shanghai", () => {
  expect(timeText(SERVER)).toBe("10:00");
});
