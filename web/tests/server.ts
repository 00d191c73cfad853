/** A server as the outbox meets it, for tests: the rules of the live script, with lost calls, lost replies and rollbacks. */
import { NoAnswer, Problem } from "../kit/api";
import { ANSWER, firstHead, HAND_IN, nextHead } from "../kit/chain";
import type { OutboxNet, StartAsk } from "../kit/outbox/ports";
import type { CommandOut, HeldOp, OpIn, Opened, Paper, SubmitIn, SubmitOut, SyncIn, SyncOut, TakeoverPolicy } from "../kit/wire";

export const ATTEMPT = "0f0e0d0c-0b0a-0908-0706-050403020100";
const GRACE_MS = 5_000;

/** A paper of `slots` single-choice items. */
export function paperOf(slots: number): Paper {
  return {
    digest: "0".repeat(64),
    sections: [{ title: "单选题", kind: "single", count: slots, pointsCenti: 200, policy: "all_or_nothing" }],
    items: Array.from({ length: slots }, (_, slot) => ({
      slot, version: slot.toString(16).padStart(32, "0"), kind: "single" as const, stem: `第 ${slot + 1} 题`, pictures: [],
      options: [0, 1, 2, 3].map((bit) => ({ bit, text: "选项", picture: null })), section: 0, setId: null,
    })),
    sets: [],
  };
}

interface Live {
  fence: number;
  storageKey: string;
  heads: string[];
  answers: number[];
  state: "ready" | "running" | "paused" | "closed" | "void";
  late: OpIn[];
  side: HeldOp[];
  /** Highest seq held or logged of fences that no longer write. */
  left: Record<number, number>;
}

export class Server {
  now = 1_763_778_600_000;
  deadlineMs = this.now + 2_700_000;
  live: Live;
  commands: CommandOut[] = [];
  durable = true;
  policy: TakeoverPolicy = "own";
  forks = 0;
  private saved: string;

  constructor(readonly slots: number) {
    this.live = { fence: 0, storageKey: "", heads: [], answers: Array.from({ length: slots }, () => 0), state: "ready", late: [], side: [], left: {} };
    this.saved = JSON.stringify(this.live);
  }

  /** Keep this state as what a restart goes back to. */
  keep(): void {
    this.saved = JSON.stringify(this.live);
  }

  /** The node restarted from an older file: acknowledged ops are gone, fences are not (reconcile raises them). */
  rollback(): void {
    const { fence, storageKey, state } = this.live;
    const back = JSON.parse(this.saved) as Live;
    this.live = back.fence === fence ? { ...back, storageKey, state } : this.live;
  }

  /** Set back behind the start itself. */
  forgetStart(): void {
    this.live = { fence: 0, storageKey: "", heads: [], answers: this.live.answers.map(() => 0), state: "ready", late: [], side: [], left: {} };
  }

  /** What one device sees of it: the cookie holds the fence of its own last start that it heard of. */
  device(line: { up: () => boolean; losesReply: () => boolean; cookie: { fence: number } }): OutboxNet {
    const through = <T>(work: () => T): Promise<T> => {
      if (!line.up()) return Promise.reject(new NoAnswer("down"));
      try {
        const out = work();
        return line.losesReply() ? Promise.reject(new NoAnswer("reply lost")) : Promise.resolve(structuredClone(out));
      } catch (error) {
        return Promise.reject(error instanceof Error ? error : new Error("unknown"));
      }
    };
    return {
      start: (body) => through(() => this.start(body)).then((out) => ((line.cookie.fence = out.fence), out)),
      sync: (body) => through(() => this.sync(body, line.cookie.fence)),
      submit: (body) => through(() => this.submit(body, line.cookie.fence)),
      result: () => through(() => this.result()),
      listen: () => () => undefined,
    };
  }

  private start(body: StartAsk): Opened {
    const { live } = this;
    if (live.state === "closed") throw new Problem("already-closed", 409, {}, null);
    if (live.state === "ready") Object.assign(live, { state: "running", fence: 1, storageKey: body.storageKey });
    if (live.storageKey !== body.storageKey) {
      if (this.policy !== "own" || !body.takeover) throw new Problem("takeover-needed", 409, { policy: this.policy }, null);
      live.left[live.fence] = live.heads.length;
      Object.assign(live, { fence: live.fence + 1, storageKey: body.storageKey, heads: [] });
    }
    return {
      attemptId: ATTEMPT, fence: live.fence, storageKey: live.storageKey, seq: live.heads.length, head: live.heads.at(-1) ?? null,
      answers: live.answers, paper: paperOf(this.slots), paperKey: null, serverMs: this.now, startedMs: this.now, deadlineMs: this.deadlineMs,
      remainingMs: Math.max(0, this.deadlineMs - this.now), earliestHandInMs: 0, state: live.state, navigation: "free",
      watermark: "马文海 3216", sideOps: live.side.length, syncEveryMs: 10_000,
    };
  }

  private sync(body: SyncIn, fence: number): SyncOut {
    const took = this.take(body, fence);
    const { live } = this;
    this.commands = this.commands.filter((command) => command.no > body.ackCommand);
    return {
      took, state: live.state, fence: live.fence, seq: live.heads.length, head: live.heads.at(-1) ?? null,
      keptSeq: fence < live.fence ? (live.left[fence] ?? 0) : took === "late" ? Math.max(live.heads.length, ...live.late.map((op) => op.seq)) : live.heads.length, mac: "", serverMs: this.now,
      remainingMs: Math.max(0, this.deadlineMs - this.now), deadlineMs: this.deadlineMs, commands: this.commands,
      side: body.wantSide ? live.side : [], sideOps: live.side.length, lateOps: live.late.length,
    };
  }

  private take(body: Pick<SyncIn, "base" | "baseHead" | "ops">, fence: number): SyncOut["took"] {
    const { live } = this;
    if (fence === 0) throw new Problem("attempt-token-invalid", 401, {}, null);
    if (live.state === "ready") throw new Problem("not-your-attempt", 404, {}, null);
    if (fence < live.fence) {
      // Beside the attempt the server counts on from where that fence was left; what lies beyond a gap is not kept.
      const upto = live.left[fence] ?? 0;
      if (body.base > upto) return "side";
      for (const { seq, slot, mask, clientMs } of body.ops) if (seq > upto) live.side.push({ fence, seq, slot, mask, clientMs });
      live.left[fence] = Math.max(upto, body.base + body.ops.length);
      return "side";
    }
    const chain = [body.base === 0 ? firstHead(ATTEMPT, fence) : (body.baseHead ?? "")];
    for (const op of body.ops) chain.push(nextHead(chain.at(-1) ?? "", op, fence));
    const held = live.heads.length;
    if (body.base > held) return "behind";
    const ours = held === 0 ? firstHead(ATTEMPT, fence) : live.heads[held - 1];
    const top = body.base + body.ops.length;
    const at = Math.min(held, top);
    const stored = at === 0 ? firstHead(ATTEMPT, fence) : live.heads[at - 1];
    if (chain[at - body.base] !== stored || (top >= held && chain[held - body.base] !== ours)) {
      this.forks += 1;
      throw new Problem("fork", 409, { held }, null);
    }
    const fresh = body.ops.filter((op) => op.seq > held);
    const over = live.state === "closed" || this.now >= this.deadlineMs + GRACE_MS;
    if (over && fresh.length) {
      for (const op of fresh) if (!live.late.some((late) => late.seq === op.seq)) live.late.push(op);
      return "late";
    }
    for (const op of fresh) {
      live.heads.push(chain[op.seq - body.base] ?? "");
      if (op.kind === ANSWER) live.answers[op.slot] = op.mask;
    }
    return "ok";
  }

  private submit(body: SubmitIn, fence: number): SubmitOut {
    if (body.ops.length) {
      const took = this.take(body, fence);
      if (took === "behind") throw new Problem("behind", 409, { held: this.live.heads.length }, null);
      if (took === "side") throw new Problem("not-writing", 409, { fence: this.live.fence }, null);
    } else if (fence < this.live.fence) {
      throw new Problem("not-writing", 409, { fence: this.live.fence }, null);
    }
    this.live.state = "closed";
    return this.result();
  }

  private result(): SubmitOut {
    const lateOps = this.live.late.filter((op) => op.kind !== HAND_IN).length;
    return {
      durable: this.durable, receipt: "KW1.x.y", serverMs: this.now,
      result: {
        attemptId: ATTEMPT, run: 1, scoreCenti: 8400, fullCenti: 10_000, passCenti: 6000, passed: true, sections: [], closedMs: this.now,
        closeKind: "manual", lateOps, lateState: lateOps ? "open" : "none",
      },
    };
  }
}
