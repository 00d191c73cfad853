/** The line at the door as a page stands in it: asks again when told, keeps its place, and ends with the screen. */
import { effectScope } from "vue";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { call, NoAnswer, Problem } from "./api";
import { LeftTheLine, lineText, secondsOf, useLine, type Line } from "./line";

const told = (ahead: number, waitMs: number, againMs: number): Problem => new Problem("must-wait", 503, { ahead, waitMs, againMs, turn: "t" }, againMs);

let scope = effectScope();

beforeEach(() => {
  scope = effectScope();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
});

afterEach(() => {
  scope.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const line = (): Line => scope.run(useLine) as Line;

it("does again what it was told to wait for, until it is done", async () => {
  const own = line();
  const answers: (() => string)[] = [
    () => {
      throw told(240, 12_000, 2_000);
    },
    () => {
      throw told(3, 1_000, 1_000);
    },
    () => "in",
  ];
  let asked = 0;
  const done = own.through(() => Promise.resolve().then(answers[asked++] ?? (() => "too often")));
  await vi.advanceTimersByTimeAsync(0);
  expect(own.place.value?.ahead).toBe(240);
  expect(own.text.value).toContain("240");
  expect(own.text.value).toContain("15");
  await vi.advanceTimersByTimeAsync(1_999);
  expect(asked).toBe(1);
  await vi.advanceTimersByTimeAsync(1_001);
  await expect(done).resolves.toBe("in");
  expect(asked).toBe(3);
  expect(own.place.value).toBeNull();
});

it("goes on waiting where the network goes meanwhile, and does not hide other refusals", async () => {
  const own = line();
  const errors: unknown[] = [told(9, 2_000, 1_000), new NoAnswer("x"), new Problem("login-refused", 401, {}, null)];
  const done = own.through(() => Promise.reject(errors.shift() as Error));
  const refused = expect(done).rejects.toMatchObject({ slug: "login-refused" });
  await vi.advanceTimersByTimeAsync(10_000);
  await refused;
  await expect(own.through(() => Promise.reject(new NoAnswer("y")))).rejects.toBeInstanceOf(NoAnswer);
});

it("stays in line where the service pauses for a moment, for as long as it asks", async () => {
  const own = line();
  const errors: unknown[] = [told(9, 2_000, 1_000), new Problem("live-away", 503, {}, 5_000)];
  let asked = 0;
  const done = own.through(() => {
    asked += 1;
    const error = errors.shift() as Error | undefined;
    return error ? Promise.reject(error) : Promise.resolve("in");
  });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked).toBe(2);
  await vi.advanceTimersByTimeAsync(4_999);
  expect(own.place.value?.ahead).toBe(9);
  expect(asked).toBe(2);
  await vi.advanceTimersByTimeAsync(1);
  await expect(done).resolves.toBe("in");
  await expect(own.through(() => Promise.reject(new Problem("live-away", 503, {}, 5_000)))).rejects.toMatchObject({ slug: "live-away" });
});

it("waits no longer when the person does not want to, or the screen is left", async () => {
  const own = line();
  const first = own.through(() => Promise.reject(told(9, 2_000, 20_000)));
  const left = expect(first).rejects.toBeInstanceOf(LeftTheLine);
  await vi.advanceTimersByTimeAsync(0);
  own.leave();
  await left;
  const second = own.through(() => Promise.reject(told(9, 2_000, 20_000)));
  const gone = expect(second).rejects.toBeInstanceOf(LeftTheLine);
  await vi.advanceTimersByTimeAsync(0);
  scope.stop();
  await gone;
  expect(vi.getTimerCount()).toBe(0);
});

it("tells a long wait in minutes", () => {
  expect(lineText({ ahead: 900, atMs: 115_000 }, 0)).toContain("115 秒");
  expect(lineText({ ahead: 900, atMs: 121_000 }, 0)).toContain("3 分钟");
  expect(lineText({ ahead: 0, atMs: 1_000 }, 0)).toContain("快轮到您了");
});

it("tells seconds in steps, and never none", () => {
  expect(secondsOf({ ahead: 1, atMs: 12_000 }, 0)).toBe(15);
  expect(secondsOf({ ahead: 1, atMs: 0 }, 9_000)).toBe(5);
});

it("shows its turn with the next call of the same kind, and forgets it once it is in", async () => {
  const sent: (string | undefined)[] = [];
  const answers = [new Response(JSON.stringify({ type: "/problems/must-wait", turn: "abc", againMs: 1_000 }), { status: 503 }), new Response("{}"), new Response("{}")];
  vi.stubGlobal("location", { origin: "http://here.test" });
  vi.stubGlobal("fetch", (_url: URL, init: { headers: Record<string, string> }) => {
    sent.push(init.headers["x-turn"]);
    return Promise.resolve(answers.shift());
  });
  await expect(call("POST", "/api/login/code", { body: {} })).rejects.toMatchObject({ slug: "must-wait" });
  await call("POST", "/api/login/code", { body: {} });
  await call("POST", "/api/login/code", { body: {} });
  expect(sent).toEqual([undefined, "abc", undefined]);
});

it.each([
  [503, "abc"],
  [500, "abc"],
  [429, "abc"],
  [401, undefined],
  [409, undefined],
])("after a refusal with %i it shows %s as its turn", async (status, turn) => {
  const sent: (string | undefined)[] = [];
  const answers = [new Response(JSON.stringify({ type: "/problems/must-wait", turn: "abc" }), { status: 503 }), new Response("{}", { status }), new Response("{}")];
  vi.stubGlobal("location", { origin: "http://here.test" });
  vi.stubGlobal("fetch", (_url: URL, init: { headers: Record<string, string> }) => {
    sent.push(init.headers["x-turn"]);
    return Promise.resolve(answers.shift());
  });
  await expect(call("GET", "/api/my/exams")).rejects.toMatchObject({ slug: "must-wait" });
  await expect(call("GET", "/api/my/exams")).rejects.toMatchObject({ status });
  await call("GET", "/api/my/exams");
  expect(sent).toEqual([undefined, "abc", turn]);
});
