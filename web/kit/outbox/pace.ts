/** When the outbox speaks next, and when silence counts as no network: values only. */
import type { Problem } from "../api";

export interface Pace {
  /** Calls in a row that brought no answer. */
  readonly failures: number;
  /** Monotonic ms of the first call that is still without any answer; null while the server answers. */
  readonly silentSince: number | null;
  /** The server asked to be left alone until then (monotonic ms). */
  readonly busyUntil: number;
  /** Monotonic ms when an answer came again after the row had said 没网. */
  readonly backAt: number | null;
}

export const CALM: Pace = { failures: 0, silentSince: null, busyUntil: 0, backAt: null };

/** A change waits this long for more of its kind. */
export const DEBOUNCE_MS = 300;
/** Silence from this length on is shown as 没网; shorter ones never flicker. */
export const OFFLINE_MS = 5_000;
/** How long 网络恢复 stays. */
export const BACK_MS = 3_000;
/** Heartbeat where the stream that wakes the page is held back. */
export const BEAT_MS = 10_000;

const FIRST_RETRY_MS = 600;
const LAST_RETRY_MS = 12_000;

export type NetState = "calm" | "offline" | "back" | "busy";

export function asked(pace: Pace, now: number): Pace {
  return pace.silentSince === null ? { ...pace, silentSince: now } : pace;
}

/** Any answer of the service, also a refusal, ends the silence. */
export function heard(pace: Pace, now: number): Pace {
  const backAt = netState(pace, now) === "offline" ? now : pace.backAt;
  return { failures: 0, silentSince: null, busyUntil: 0, backAt };
}

export function unheard(pace: Pace): Pace {
  return { ...pace, failures: pace.failures + 1 };
}

/** 503 and 429: the service lives, but wants time. */
export function busy(pace: Pace, problem: Problem, now: number): Pace {
  const backAt = netState(pace, now) === "offline" ? now : pace.backAt;
  return { failures: pace.failures + 1, silentSince: null, backAt, busyUntil: now + (problem.waitMs ?? 2_000) };
}

export function netState(pace: Pace, now: number): NetState {
  if (pace.silentSince !== null && now - pace.silentSince >= OFFLINE_MS) return "offline";
  if (pace.busyUntil > now || (pace.failures > 0 && pace.busyUntil > 0)) return "busy";
  if (pace.backAt !== null && now - pace.backAt < BACK_MS) return "back";
  return "calm";
}

/** How long to wait after a failure: doubling, cut, scattered so that a thousand phones do not come back at once. */
export function retryIn(pace: Pace, now: number, random: number): number {
  const step = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.max(0, pace.failures - 1));
  const scattered = step * (0.5 + random / 2);
  return Math.max(scattered, pace.busyUntil > now ? (pace.busyUntil - now) * (1 + random / 4) : 0);
}
