/** From ops to what the screen says: the answer of every slot, what is unsynced, what another device left to adopt. */
import { ANSWER } from "../chain";
import type { HeldOp } from "../wire";
import { unapplied, type KeptOp, type Line } from "./line";

/** What the server held by slot, when it said so. */
export interface Baseline {
  readonly seq: number;
  readonly answers: readonly number[];
}

/** Answers by slot: the baseline and every op made after it. */
export function replay(baseline: Baseline, ops: readonly KeptOp[], slots: number): number[] {
  const answers = Array.from({ length: slots }, (_, slot) => baseline.answers[slot] ?? 0);
  for (const op of ops) if (op.kind === ANSWER && op.seq > baseline.seq && op.slot < slots) answers[op.slot] = op.mask;
  return answers;
}

/** Slots with a change that the server has not applied. */
export function unsyncedSlots(line: Line): Set<number> {
  return new Set(unapplied(line).filter((op) => op.kind === ANSWER).map((op) => op.slot));
}

/** Answered items whose last change the server holds. */
export function savedCount(answers: readonly number[], unsynced: ReadonlySet<number>): number {
  return answers.filter((mask, slot) => mask !== 0 && !unsynced.has(slot)).length;
}

/** An answer that another device left, for an item that is unanswered here. */
export interface Offer {
  readonly slot: number;
  readonly mask: number;
}

/** The last answer per slot among the ops of other devices, where this page has none. */
export function offers(side: readonly HeldOp[], answers: readonly number[]): Offer[] {
  const last = new Map<number, number>();
  for (const op of [...side].sort((a, b) => a.fence - b.fence || a.seq - b.seq)) last.set(op.slot, op.mask);
  return [...last]
    .filter(([slot, mask]) => mask !== 0 && slot < answers.length && answers[slot] === 0)
    .map(([slot, mask]) => ({ slot, mask }))
    .sort((a, b) => a.slot - b.slot);
}

/** Ops of this storage under an older fence that never reached the server, as if another device had left them. */
export function leftBehind(line: Line): HeldOp[] {
  return unapplied(line)
    .filter((op) => op.kind === ANSWER)
    .map(({ seq, slot, mask, clientMs }) => ({ fence: line.fence, seq, slot, mask, clientMs }));
}
