/**
 * One fence's line of ops between this device and the server, as values: what is held, what must be sent, what an
 * answer means. No clock, no network, no storage: the same rules are run against a simulated server in the tests.
 */
import type { Op } from "../chain";
import type { Problem } from "../api";
import type { OpIn, SyncOut } from "../wire";

export interface KeptOp extends Op {
  /** Chain head after this op. */
  readonly head: string;
}

export interface Held {
  readonly seq: number;
  /** Head at `seq`; null at 0. */
  readonly head: string | null;
}

/**
 * What may be done here: `open` answers; `side` another device writes, this one shows; `late` the server had closed
 * when ops came, they wait for a decision; `late-refused` they do not count in this exam; `fork` the two histories
 * differ, a person must look.
 */
export type Mode = "open" | "side" | "late" | "late-refused" | "fork";

export interface Line {
  readonly fence: number;
  /** Where the ops kept here begin: seq 0 unless this storage lost its beginning. */
  readonly origin: Held;
  /** Ops after `origin`, without gaps. Kept, acknowledged or not, until the hand-in is durable. */
  readonly ops: readonly KeptOp[];
  /** Highest seq that the server says it holds. It may go back: then everything after it is sent again. */
  readonly held: number;
  /** Highest seq that the server has logged beside the attempt (side or late). */
  readonly beside: number;
  readonly mode: Mode;
}

/** Ops that fit into one call (the wire's bound). */
export const BATCH = 300;

export function newLine(fence: number, origin: Held, ops: readonly KeptOp[]): Line {
  return { fence, origin, ops, held: origin.seq, beside: 0, mode: "open" };
}

export const topOf = (line: Line): number => line.origin.seq + line.ops.length;

/** The head at a seq; undefined where this storage does not know it. */
export function headAt(line: Line, seq: number): string | null | undefined {
  return seq === line.origin.seq ? line.origin.head : line.ops[seq - line.origin.seq - 1]?.head;
}

export function appended(line: Line, op: KeptOp): Line {
  return { ...line, ops: [...line.ops, op] };
}

/** Where the next range begins. Beside the attempt the server counts on its own, so a side line begins anew. */
function baseOf(line: Line): number {
  return line.mode === "side" ? Math.max(line.origin.seq, line.beside) : Math.max(line.held, line.beside);
}

/** Ops that the server has neither applied nor logged beside. */
export function waiting(line: Line): readonly KeptOp[] {
  return line.ops.slice(Math.max(0, baseOf(line) - line.origin.seq));
}

/** Ops that the server has not applied, whether or not they were logged beside. */
export function unapplied(line: Line): readonly KeptOp[] {
  return line.ops.slice(Math.max(0, line.held - line.origin.seq));
}

export interface Range {
  readonly base: number;
  readonly baseHead: string | null;
  readonly ops: OpIn[];
}

/** The next range to send: what waits, on the base that the server is known to hold. Empty ops = heartbeat. */
export function nextRange(line: Line): Range {
  const base = baseOf(line);
  const ops = waiting(line)
    .slice(0, BATCH)
    .map(({ seq, kind, slot, version, mask, clientMs }) => ({ seq, kind, slot, version, mask, clientMs }));
  return { base, baseHead: headAt(line, base) ?? null, ops };
}

/** The line after the server's answer to `sent`, and whether to speak again at once. */
export function answered(line: Line, out: Pick<SyncOut, "took" | "fence" | "seq" | "head" | "keptSeq">): { line: Line; again: boolean } {
  if (out.took === "side" || out.fence > line.fence) {
    // The first that is heard of it: all ops of this fence are sent once more, what the server has it knows again.
    if (line.mode !== "side") {
      const next: Line = { ...line, mode: "side", beside: line.origin.seq };
      return { line: next, again: unapplied(line).length > 0 };
    }
    const next: Line = { ...line, beside: out.took === "side" ? Math.max(line.origin.seq, out.keptSeq) : line.beside };
    return { line: next, again: waiting(next).length > 0 && next.beside !== line.beside };
  }
  if (out.took === "late" || out.took === "late-refused") {
    const next: Line = { ...line, mode: out.took, beside: out.keptSeq };
    const known = settled(next, out);
    return { line: known ?? next, again: waiting(next).length > 0 && next.beside !== line.beside };
  }
  // Behind: the server lost its end; what it had logged beside may be lost too, so all of it is sent again.
  const next = settled(out.took === "behind" ? { ...line, beside: 0 } : line, out);
  if (!next) return { line: { ...line, mode: "fork" }, again: false };
  const moved = next.held !== line.held || next.beside !== line.beside;
  return { line: next, again: moved && waiting(next).length > 0 };
}

/** The line with what the server holds; null when its head is none of ours. */
function settled(line: Line, held: Held): Line | null {
  const ours = headAt(line, held.seq);
  if (ours === undefined || (held.head !== null && held.seq > 0 && ours !== held.head)) return null;
  return { ...line, held: held.seq };
}

/** The line after a refusal that concerns it; other refusals leave it as it is. */
export function refusedBy(line: Line, problem: Problem): { line: Line; again: boolean } {
  switch (problem.slug) {
    case "fork":
    case "bad-op":
      return { line: { ...line, mode: "fork" }, again: false };
    case "not-writing":
      return { line: { ...line, mode: "side", beside: line.origin.seq }, again: true };
    case "behind": {
      const seq = problem.number("held") ?? 0;
      if (headAt(line, seq) === undefined) return { line: { ...line, mode: "fork" }, again: false };
      return { line: { ...line, held: seq, beside: 0 }, again: seq !== line.held };
    }
    case "verdict-awaited":
      // The deadline may still move: what came late is held then, so the line stays open.
      return { line: line.mode === "late" ? { ...line, mode: "open" } : line, again: false };
    default:
      return { line, again: false };
  }
}

/** The line of storage that goes on under a fence, checked against what the server holds at the start. */
export function resumed(line: Line, held: Held): Line {
  if (held.seq > topOf(line)) return newLine(line.fence, held, []);
  return settled({ ...line, mode: "open" }, held) ?? { ...line, mode: "fork" };
}
