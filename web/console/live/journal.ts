/** What happened in the room, read off the difference between two states of a row. Pure. */

import type { LiveRow } from "../wire";

export type Happening =
  "started" | "paused" | "resumed" | "handed-in" | "extended" | "voided" | "moved" | "takeover" | "rescored";

export interface Entry {
  /** Service clock. */
  atMs: number;
  id: string;
  what: Happening;
  scoreCenti: number | null;
  passed: boolean | null;
  /** Milliseconds for `extended`. */
  ms: number;
}

/** The newest entries are kept; the record of the exam is in the database, not here. */
export const KEPT = 60;

export function happenings(before: LiveRow | undefined, after: LiveRow, serverMs: number): Entry[] {
  if (before === undefined) return [];
  const said = (what: Happening, atMs = serverMs, ms = 0): Entry => ({
    atMs,
    id: after.id,
    what,
    scoreCenti: after.scoreCenti,
    passed: after.passed,
    ms,
  });
  const out: Entry[] = [];
  if (before.state !== after.state) {
    if (after.state === "closed") out.push(said("handed-in", after.closedMs || serverMs));
    if (after.state === "void") out.push(said("voided"));
    if (after.state === "paused") out.push(said("paused"));
    if (after.state === "running") out.push(said(before.state === "paused" ? "resumed" : "started"));
  } else if (after.state === "closed" && before.scoreCenti !== after.scoreCenti) {
    out.push(before.scoreCenti === null ? said("handed-in", after.closedMs || serverMs) : said("rescored"));
  }
  const gained = after.deadlineMs - before.deadlineMs;
  if (before.state === "running" && after.state === "running" && gained > 0)
    out.push(said("extended", serverMs, gained));
  if (before.fence > 0 && after.fence > before.fence) out.push(said("moved"));
  if (before.takeoverAskedMs === 0 && after.takeoverAskedMs > 0) out.push(said("takeover", after.takeoverAskedMs));
  return out;
}

/** Newest first, cut to what is kept. A hand-in told before its score was known is told once, with the score. */
export function written(journal: readonly Entry[], news: readonly Entry[]): readonly Entry[] {
  if (news.length === 0) return journal;
  const scored = new Set(news.filter((entry) => entry.what === "handed-in").map((entry) => entry.id));
  const before = journal.filter((entry) => entry.what !== "handed-in" || !scored.has(entry.id));
  // What comes in one piece of the stream comes in no order.
  return [...[...news].reverse(), ...before].sort((a, b) => b.atMs - a.atMs).slice(0, KEPT);
}
