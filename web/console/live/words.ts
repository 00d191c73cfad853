/** Sentences of the wall, from values the pure rules give. */
import { points, span } from "../days";
import type { IconName } from "../parts/icons";
import { say } from "../say";
import type { LiveRow } from "../wire";
import type { Attention, Look } from "./look";
import type { Entry } from "./journal";

/** Shape of each state; the word stands beside it. */
export const SHAPES: Record<Look, IconName> = {
  ready: "circle-dashed",
  running: "activity",
  lost: "cloud-off",
  paused: "pause",
  closed: "check",
  void: "ban",
};

/** `45 秒`, `2 分 10 秒`, `1 小时 3 分`. */
export function sayAge(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < 60) return say("age.s", { s });
  if (s < 3600) return say("age.ms", { m: Math.floor(s / 60), s: s % 60 });
  return say("age.hm", { h: Math.floor(s / 3600), m: Math.floor((s % 3600) / 60) });
}

/** The same in the room of a tile: `45 秒`, `2 分`. */
export function sayShortAge(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  return s < 60 ? say("age.s", { s }) : say("age.m", { m: Math.floor(s / 60) });
}

/** What the side panel says of a candidate: the fact, never a judgement. */
export function sayReason(one: Attention, serverNowMs: number): string {
  const age = sayAge(serverNowMs - one.sinceMs);
  if (one.reason === "takeover") return say("attention.takeover");
  if (one.reason === "lost") return say("attention.lost", { age });
  if (one.reason === "lost-many") return say("attention.lost-many", { n: one.count });
  if (one.reason === "hidden") return say("attention.hidden", { n: one.count });
  return say("attention.side", { n: one.count });
}

/** What weakens or explains it, in plain words. */
export function sayMore(one: Attention): string {
  return say(`attention.${one.reason}.more`);
}

export function sayHappening(entry: Entry): string {
  if (entry.what === "handed-in" || entry.what === "rescored") {
    const score = entry.scoreCenti === null ? "" : say("points", { n: points(entry.scoreCenti) });
    const passed = entry.passed === null ? "" : say(entry.passed ? "passed" : "failed");
    return `${say(`happened.${entry.what}`)} ${score} ${passed}`.trimEnd();
  }
  if (entry.what === "extended") return say("happened.extended", { n: Math.round(entry.ms / 60_000) });
  return say(`happened.${entry.what}`);
}

export function sayLook(row: LiveRow, look: Look): string {
  if (look === "closed")
    return row.closeKind === "time"
      ? say("look.closed.time")
      : row.closeKind === "staff"
        ? say("look.closed.staff")
        : say("look.closed");
  return say(`look.${look}`);
}

export const sayRest = (ms: number | null): string => (ms === null ? "–" : span(ms));
