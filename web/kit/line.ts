/** The line before a log-in or a start: the page waits in it by itself, says how long it may take, and keeps its place. */
import { computed, onScopeDispose, ref, shallowRef, type ComputedRef, type ShallowRef } from "vue";

import { NoAnswer, Problem } from "./api";
import { say } from "./say";

/** Estimates are shown in steps: a number that jumps every second promises more than anybody knows. */
const STEP_S = 5;
/** From here on an estimate is told in minutes. */
const MINUTES_FROM_S = 120;
const TICK_MS = 1_000;
/** Who stands in line and gets no answer asks again after this time. */
const NO_ANSWER_MS = 3_000;

/** How it stands with somebody who waits. */
export interface Place {
  readonly ahead: number;
  /** When it is their turn, by `performance.now()`. */
  readonly atMs: number;
}

/** Nobody waits any more: the person chose so, or left the screen. */
export class LeftTheLine extends Error {}

export const mustWait = (error: unknown): error is Problem => error instanceof Problem && error.slug === "must-wait";

/** What does not send away somebody who stands in line: no network, or a service that pauses. */
const passing = (error: unknown): boolean => error instanceof NoAnswer || (error instanceof Problem && error.status === 503);

/** How it stands with somebody who was told to wait just now. */
export function placeOf(told: Problem, nowMs: number): Place {
  return { ahead: told.number("ahead") ?? 0, atMs: nowMs + (told.number("waitMs") ?? told.waitMs ?? 0) };
}

/** When to ask again. */
export const againMs = (told: Problem): number => told.number("againMs") ?? told.waitMs ?? NO_ANSWER_MS;

/** Seconds to tell of what is left, in steps; never 0 while somebody waits. */
export const secondsOf = (place: Place, nowMs: number): number => Math.max(1, Math.ceil((place.atMs - nowMs) / 1_000 / STEP_S)) * STEP_S;

/** The time left in words: minutes where seconds would only be a large number. */
function leftText(place: Place, nowMs: number): string {
  const seconds = secondsOf(place, nowMs);
  return seconds < MINUTES_FROM_S ? say("line.seconds", { n: seconds }) : say("line.minutes", { n: Math.ceil(seconds / 60) });
}

/** The place in two lines: who is before, and how long it may take. */
export const lineText = (place: Place, nowMs: number): string => say(place.ahead ? (place.ahead === 1 ? "line.one" : "line.text") : "line.soon", { n: place.ahead, time: leftText(place, nowMs) });

export interface Line {
  readonly place: ShallowRef<Place | null>;
  readonly text: ComputedRef<string>;
  /** Do it, and as long as the service says to wait do it again. Throws everything else, and `LeftTheLine`. */
  through<T>(work: () => Promise<T>): Promise<T>;
  /** Wait no longer. */
  leave(): void;
}

/** One screen's line. */
export function useLine(): Line {
  const place = shallowRef<Place | null>(null);
  const now = ref(performance.now());
  let wake: (() => void) | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let left = 0;
  const ticker = setInterval(() => (now.value = performance.now()), TICK_MS);

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
      timer = setTimeout(resolve, ms);
    });

  async function through<T>(work: () => Promise<T>): Promise<T> {
    const mine = left;
    try {
      for (;;) {
        try {
          return await work();
        } catch (error) {
          if (mine !== left) throw new LeftTheLine();
          if (mustWait(error)) {
            now.value = performance.now();
            place.value = placeOf(error, now.value);
            await pause(againMs(error));
          } else if (place.value && passing(error)) {
            await pause((error instanceof Problem ? error.waitMs : null) ?? NO_ANSWER_MS);
          } else {
            throw error;
          }
          if (mine !== left) throw new LeftTheLine();
        }
      }
    } finally {
      if (mine === left) place.value = null;
    }
  }

  function leave(): void {
    left += 1;
    clearTimeout(timer);
    place.value = null;
    wake?.();
  }

  onScopeDispose(() => {
    clearInterval(ticker);
    leave();
  });
  return { place, text: computed(() => (place.value ? lineText(place.value, now.value) : "")), through, leave };
}
