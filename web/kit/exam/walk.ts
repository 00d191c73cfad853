/** Where a candidate stands in the paper and where the buttons lead: values only. */

export interface Walk {
  readonly count: number;
  /** Items that were left behind stay as they are. */
  readonly forwardOnly: boolean;
  /** Last slot that bears an answer, -1 when none does. */
  readonly furthest: number;
}

export function walkOf(answers: readonly number[], navigation: string): Walk {
  return { count: answers.length, forwardOnly: navigation === "forward", furthest: answers.reduce((last, mask, slot) => (mask ? slot : last), -1) };
}

/** May this slot be looked at? Ends do not wrap. */
export function mayShow(walk: Walk, slot: number): boolean {
  return slot >= 0 && slot < walk.count;
}

/** May this slot be answered? Forward-only: not once a later one was. */
export function mayAnswer(walk: Walk, slot: number): boolean {
  return mayShow(walk, slot) && !(walk.forwardOnly && slot < walk.furthest);
}

export function unanswered(answers: readonly number[], walk: Walk): number[] {
  return answers.flatMap((mask, slot) => (mask === 0 && mayAnswer(walk, slot) ? [slot] : []));
}

/** The next unanswered slot after `from`, from the beginning when there is none; null when all are answered. */
export function nextGap(answers: readonly number[], walk: Walk, from: number): number | null {
  const gaps = unanswered(answers, walk);
  return gaps.find((slot) => slot > from) ?? gaps[0] ?? null;
}

/** A slot that may be shown, nearest to the wish. */
export function clamped(walk: Walk, slot: number): number {
  return Math.min(Math.max(0, slot), Math.max(0, walk.count - 1));
}

/** Minutes at which the time left is said aloud. */
export const NOTICES_MIN = [10, 5, 1] as const;

/** The notice that fell due between two looks at the clock: the smallest one passed. Null when the time jumped up. */
export function dueNotice(beforeMs: number | null, nowMs: number | null): number | null {
  if (beforeMs === null || nowMs === null || nowMs <= 0) return null;
  return NOTICES_MIN.filter((minutes) => beforeMs > minutes * 60_000 && nowMs <= minutes * 60_000).pop() ?? null;
}

/** How pressing the time is: calm until 10 minutes, amber then, red with its word under 1. */
export function urgency(leftMs: number | null): "calm" | "soon" | "last" {
  if (leftMs === null || leftMs > 600_000) return "calm";
  return leftMs > 60_000 ? "soon" : "last";
}
