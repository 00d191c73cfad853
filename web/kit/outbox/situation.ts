/** Everything one page knows of its attempt, and what follows from it: may one answer, what is shown, when to speak again. */
import { serverNow } from "../clock";
import type { EventIn, HeldOp } from "../wire";
import { offers, replay, savedCount, unsyncedSlots, type Baseline, type Offer } from "./answers";
import { Keeper } from "./keeper";
import { newLine, type Line } from "./line";
import * as pace from "./pace";
import type { OutboxView, OutboxWorld, RowState } from "./ports";
import { leftMs, remembered, ticking, UNKNOWN, type Stand } from "./stand";

/** The clock is written down this often, for a reload without network. */
const CLOCK_KEPT_MS = 5_000;

export const EMPTY_LINE = newLine(0, { seq: 0, head: null }, []);

export class Situation {
  readonly keeper: Keeper;
  line: Line = EMPTY_LINE;
  baseline: Baseline = { seq: 0, answers: [] };
  pace: pace.Pace = pace.CALM;
  stand: Stand = UNKNOWN;
  events: EventIn[] = [];
  side: HeldOp[] = [];
  /** Side ops that the server counted when it was last asked for them. */
  sideAsked = 0;
  tooEarlyUntilMs: number | null = null;
  login = true;
  streaming = false;
  writing = true;
  ended = false;
  private clockKeptAt = 0;

  constructor(
    readonly attemptId: string,
    readonly world: OutboxWorld,
  ) {
    this.keeper = new Keeper(attemptId, world.store, () => world.newKey());
  }

  /** Read what is kept here, also by another tab. */
  async recall(): Promise<void> {
    this.line = await this.keeper.recall();
    const { start } = this.keeper.kept;
    if (!start) return;
    this.baseline = { seq: start.seq, answers: start.answers };
    if (this.stand === UNKNOWN) this.stand = remembered(this.stand, start);
  }

  async keepClock(now: boolean): Promise<void> {
    const mono = this.world.mono();
    const known = serverNow(this.stand.clock, mono);
    if (known === null || (!now && mono - this.clockKeptAt < CLOCK_KEPT_MS)) return;
    this.clockKeptAt = mono;
    await this.keeper.patch({ lastServerMs: Math.round(known), lastDeviceMs: this.world.device() });
  }

  tell(): void {
    if (!this.ended) this.world.changed(this.view);
  }

  /** May an answer be given now? */
  get open(): boolean {
    const { handIn, handedIn } = this.keeper.kept;
    const mine = this.line.mode === "open" && this.writing && this.keeper.ok;
    return mine && handIn === null && handedIn === null && ticking(this.stand, this.world.mono());
  }

  get isOver(): boolean {
    return this.stand.state === "closed" || this.line.mode === "late" || this.line.mode === "late-refused";
  }

  get wantsSide(): boolean {
    return this.line.mode === "open" && this.stand.sideOps > Math.max(this.keeper.kept.sideSeen, this.sideAsked);
  }

  /** Until the next heartbeat. */
  get beatMs(): number {
    const every = this.keeper.kept.start?.syncEveryMs ?? pace.BEAT_MS;
    const beat = this.streaming ? every : Math.min(every, pace.BEAT_MS);
    const left = leftMs(this.stand, this.world.mono());
    // At the deadline itself the server is asked what it says.
    return left !== null && left > 0 && left < beat ? left + 20 : beat;
  }

  get net(): pace.NetState {
    return pace.netState(this.pace, this.world.mono());
  }

  /** Masks by slot, as they stand here. */
  answers(): number[] {
    return replay(this.baseline, this.line.ops, this.keeper.kept.start?.paper.items.length ?? 0);
  }

  /** What another device left and this one may take over. */
  offered(): Offer[] {
    return offers(this.side, this.answers());
  }

  get view(): OutboxView {
    const { start, lateItems, handIn, handedIn, marks, at } = this.keeper.kept;
    const { state, clock, deadlineMs, pausedRemainingMs, jumps, commands } = this.stand;
    const answers = this.answers();
    const unsynced = unsyncedSlots(this.line);
    return {
      attemptId: this.attemptId, start, paper: start?.paper ?? null, answers, mode: this.line.mode, row: this.row(),
      unsynced: unsynced.size, saved: savedCount(answers, unsynced), state, clock, deadlineMs, pausedRemainingMs, jumps, commands,
      offers: this.open ? this.offered() : [], lateItems, handIn, tooEarlyUntilMs: this.tooEarlyUntilMs, handedIn, marks, at,
      writing: this.writing,
    };
  }

  private row(): RowState {
    if (!this.keeper.ok) return "storage";
    return this.login ? this.net : "login";
  }
}
