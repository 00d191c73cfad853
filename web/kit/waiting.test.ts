/** The waiting room's fetch of a sealed paper: tried again while somebody waits, never afterwards. */
import { effectScope } from "vue";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import "fake-indexeddb/auto";

import { useSealed } from "./waiting";

const HOUR_MS = 3_600_000;

let asked: ((answer: Response) => void)[] = [];

beforeEach(() => {
  asked = [];
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  vi.stubGlobal("location", { origin: "http://here.test" });
  vi.stubGlobal("fetch", () => new Promise<Response>((resolve) => asked.push(resolve)));
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const busy = (): Response => new Response(JSON.stringify({ type: "/problems/live-away" }), { status: 503, headers: { "Content-Type": "application/problem+json" } });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A waiting room whose first fetch is under way. */
async function room() {
  const scope = effectScope();
  scope.run(() => useSealed("00000000-0000-0000-0000-000000000001", () => HOUR_MS, () => false));
  vi.runOnlyPendingTimers();
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  return scope;
}

async function refuse(): Promise<void> {
  asked[0]?.(busy());
  for (let n = 0; n < 10; n += 1) await turn();
}

it("plans another fetch when the first was refused", async () => {
  const scope = await room();
  await refuse();
  expect(vi.getTimerCount()).toBe(1);
  scope.stop();
  expect(vi.getTimerCount()).toBe(0);
});

it("plans none when nobody waits any more", async () => {
  const scope = await room();
  scope.stop();
  await refuse();
  expect(vi.getTimerCount()).toBe(0);
});
