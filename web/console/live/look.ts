/** How one candidate stands, and what of it a person should look at. Pure: time is handed in. */

import type { LiveRow } from "../wire";

/** Three missed heartbeats of 10 s: shorter silences are ordinary on mobile nets. */
export const LOST_AFTER_MS = 30_000;

/** Leaving the page once or twice is a call or a lock screen; from the third time on it is shown. */
export const HIDDEN_WORTH_A_LOOK = 3;

/** So many lost at once are one sentence about the net, not many alarms. */
export const LOST_TOGETHER = 5;

export type Look = "ready" | "running" | "lost" | "paused" | "closed" | "void";

export function lookOf(row: LiveRow, serverNowMs: number): Look {
  if (row.state === "running" && row.lastSeenMs > 0 && serverNowMs - row.lastSeenMs > LOST_AFTER_MS) return "lost";
  return row.state;
}

/** What is left on a running clock; null where none runs. */
export function remainingMs(row: LiveRow, serverNowMs: number): number | null {
  return row.state === "running" ? Math.max(0, row.deadlineMs - serverNowMs) : null;
}

export type Reason = "takeover" | "lost" | "lost-many" | "hidden" | "side";
export type Level = "hand" | "mid" | "plain";

/** One entry of the side panel: who, why, since when. `ids` names several for one sentence about many. */
export interface Attention {
  reason: Reason;
  level: Level;
  ids: readonly string[];
  sinceMs: number;
  count: number;
}

const RANK: Record<Reason, number> = { takeover: 0, "lost-many": 1, lost: 2, hidden: 3, side: 4 };

/** Everything worth a look, most pressing first; within a reason the one that waits longest. */
export function attention(rows: Iterable<LiveRow>, serverNowMs: number): Attention[] {
  const found: Attention[] = [];
  const lost: LiveRow[] = [];
  for (const row of rows) {
    const look = lookOf(row, serverNowMs);
    if (look === "lost") lost.push(row);
    if (row.takeoverAskedMs > 0 && look !== "closed" && look !== "void") {
      found.push({ reason: "takeover", level: "hand", ids: [row.id], sinceMs: row.takeoverAskedMs, count: 1 });
    }
    if (row.hidden >= HIDDEN_WORTH_A_LOOK && (look === "running" || look === "lost")) {
      found.push({ reason: "hidden", level: "mid", ids: [row.id], sinceMs: row.startedMs, count: row.hidden });
    }
    if (row.sideOps > 0 && (look === "running" || look === "lost")) {
      found.push({ reason: "side", level: "plain", ids: [row.id], sinceMs: row.lastSeenMs, count: row.sideOps });
    }
  }
  return [...found, ...lostEntries(lost)].sort((a, b) => RANK[a.reason] - RANK[b.reason] || a.sinceMs - b.sinceMs);
}

function lostEntries(lost: readonly LiveRow[]): Attention[] {
  if (lost.length >= LOST_TOGETHER) {
    const since = Math.min(...lost.map((row) => row.lastSeenMs));
    return [{ reason: "lost-many", level: "mid", ids: lost.map((r) => r.id), sinceMs: since, count: lost.length }];
  }
  return lost.map((row) => ({ reason: "lost", level: "mid", ids: [row.id], sinceMs: row.lastSeenMs, count: 1 }));
}

export interface Figures {
  all: number;
  arrived: number;
  running: number;
  paused: number;
  closed: number;
  lost: number;
  passed: number;
  /** Median of answered items among those who write; null when nobody does. */
  medianAnswered: number | null;
  slots: number;
  /** Until the last running clock ends; null when none runs. */
  remainingMs: number | null;
}

export function figures(rows: Iterable<LiveRow>, serverNowMs: number): Figures {
  const out: Figures = {
    all: 0,
    arrived: 0,
    running: 0,
    paused: 0,
    closed: 0,
    lost: 0,
    passed: 0,
    medianAnswered: null,
    slots: 0,
    remainingMs: null,
  };
  const answered: number[] = [];
  for (const row of rows) {
    const look = lookOf(row, serverNowMs);
    out.all += 1;
    out.slots = Math.max(out.slots, row.slots);
    if (look !== "ready") out.arrived += 1;
    if (look === "running" || look === "lost") {
      out.running += 1;
      answered.push(row.answered);
      out.remainingMs = Math.max(out.remainingMs ?? 0, remainingMs(row, serverNowMs) ?? 0);
    }
    if (look === "lost") out.lost += 1;
    if (look === "paused") out.paused += 1;
    if (look === "closed") out.closed += 1;
    if (row.passed === true) out.passed += 1;
  }
  answered.sort((a, b) => a - b);
  out.medianAnswered = answered[Math.floor((answered.length - 1) / 2)] ?? null;
  return out;
}

/** How many candidates stand in each tenth of the paper: the small bars beside the figures. */
export function tenths(rows: Iterable<LiveRow>): number[] {
  const bars = new Array<number>(10).fill(0);
  for (const row of rows) {
    if (row.slots === 0 || row.state === "ready" || row.state === "void") continue;
    const at = Math.min(9, Math.floor((row.answered / row.slots) * 10));
    bars[at] = (bars[at] ?? 0) + 1;
  }
  return bars;
}

/** Whether a search for a name, seat or ticket number means this row. */
export function matches(row: LiveRow, words: string): boolean {
  const asked = words.trim().toLowerCase();
  return asked === "" || [row.name, row.seat, row.ticketNo].some((held) => held.toLowerCase().includes(asked));
}
