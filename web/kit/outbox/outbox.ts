/**
 * The outbox of one attempt: every answer is kept on this device first, then sent until the server holds it.
 *
 * It owns the order of things (keep, send, believe, send again) and nothing of the screen; network, storage, time and
 * chance are handed in. What it knows is one immutable view, given to a listener after each change.
 */
import { NoAnswer, Problem } from "../api";
import { ANSWER, HAND_IN, NO_VERSION } from "../chain";
import { restored, serverNow } from "../clock";
import type { EventIn, HeldOp, Opened, SyncOut } from "../wire";
import { leftBehind, offers, replay, savedCount, unsyncedSlots, type Baseline, type Offer } from "./answers";
import { Keeper } from "./keeper";
import { answered, appended, BATCH, headAt, newLine, nextRange, refusedBy, resumed, topOf, waiting, type Line } from "./line";
import * as pace from "./pace";
import { NotOpen, type OutboxView, type OutboxWorld, type RowState } from "./ports";
import { heardFrom, leftMs, remembered, ticking, UNKNOWN, withCommands, type Stand } from "./stand";
import { StorageRefused } from "./store";

/** Events kept while there is no network; more of them say nothing new. */
const EVENTS_MAX = 200;
const EVENTS_PER_CALL = 32;
/** Between two questions whether the result is durable. */
const DURABLE_MS = 3_000;
/** The clock is written down this often, for a reload without network. */
const CLOCK_KEPT_MS = 5_000;

const EMPTY_LINE = newLine(0, { seq: 0, head: null }, []);

export class Outbox {
  private readonly keeper: Keeper;
  private line: Line = EMPTY_LINE;
  private baseline: Baseline = { seq: 0, answers: [] };
  private pace: pace.Pace = pace.CALM;
  private stand: Stand = UNKNOWN;
  private events: EventIn[] = [];
  private side: HeldOp[] = [];
  /** Side ops that the server counted when it was last asked for them. */
  private sideAsked = 0;
  private tooEarlyUntilMs: number | null = null;
  private login = true;
  private streaming = false;
  private writing = true;
  private busy = false;
  /** Turns asked for; one that comes while another runs is made up for after it. */
  private calls = 0;
  private ended = false;
  private wake: (() => void) | null = null;
  private wakeAt = Infinity;
  private clockKeptAt = 0;
  private endStream: (() => void) | null = null;

  constructor(
    private readonly attemptId: string,
    private readonly world: OutboxWorld,
  ) {
    this.keeper = new Keeper(attemptId, world.store, () => world.newKey());
  }

  // --- entry ------------------------------------------------------------------------------------------------------

  /**
   * Start or go on. Without network it goes on with what is kept here. Throws the `Problem` of a refused start, or
   * `NoAnswer` when nothing is kept that one could go on with.
   */
  async enter(ask: { takeover?: boolean; takeoverCode?: string } = {}): Promise<void> {
    await this.recall();
    if (!this.keeper.kept.handedIn?.durable) {
      const askedAt = this.world.mono();
      const { storageKey } = this.keeper.kept;
      const body = { attemptId: this.attemptId, storageKey, takeover: ask.takeover ?? false, takeoverCode: ask.takeoverCode ?? "" };
      try {
        await this.adopt(await this.world.net.start(body), askedAt);
      } catch (error) {
        await this.enterWithout(error);
      }
      this.listen();
      this.kick(0);
    }
    this.tell();
  }

  private async recall(): Promise<void> {
    this.line = await this.keeper.recall();
    const { start } = this.keeper.kept;
    if (!start) return;
    this.baseline = { seq: start.seq, answers: start.answers };
    if (this.stand === UNKNOWN) this.stand = remembered(this.stand, start);
  }

  private async adopt(out: Opened, askedAt: number): Promise<void> {
    const before = this.line;
    const held = { seq: out.seq, head: out.seq === 0 ? null : out.head };
    if (this.keeper.kept.start?.fence === out.fence) {
      this.line = resumed(before, held);
    } else {
      // A new fence: what an older line of this storage had not delivered is offered like another device's ops.
      this.side = [...this.side, ...leftBehind(before)];
      this.line = newLine(out.fence, held, []);
    }
    this.login = true;
    this.baseline = { seq: out.seq, answers: out.answers };
    this.stand = heardFrom(this.stand, out, askedAt, this.world.mono());
    this.pace = pace.heard(this.pace, this.world.mono());
    const { origin, beside, mode } = this.line;
    await this.keeper.put({ start: out, origin, held: this.line.held, beside, mode });
    await this.keepClock(true);
  }

  /** The start was refused or unheard: some of it is no reason to stop. */
  private async enterWithout(error: unknown): Promise<void> {
    const { kept } = this.keeper;
    if (error instanceof NoAnswer && kept.start) {
      const mono = this.world.mono();
      const device = this.world.device();
      this.pace = pace.unheard(pace.asked(this.pace, mono));
      if (this.stand.clock.offset === null) {
        const clock = restored(kept.lastServerMs || kept.start.serverMs, kept.lastDeviceMs || device, device, mono);
        this.stand = { ...this.stand, clock };
      }
      return;
    }
    if (error instanceof Problem && error.slug === "already-closed") {
      this.stand = { ...this.stand, state: "closed" };
      if (!kept.start) await this.keeper.put({ handedIn: await this.world.net.result(this.attemptId) });
      return;
    }
    if (error instanceof Problem && error.slug === "takeover-needed" && waiting(this.line).length) await this.flushBeside();
    throw error;
  }

  /** Another device writes: what this one still has is logged beside, under the old token, before anything else. */
  private async flushBeside(): Promise<void> {
    try {
      for (let again = true; again; ) {
        const range = nextRange(this.line);
        const out = await this.world.net.sync({ ...range, events: [], ackCommand: this.keeper.kept.ackCommand, wantSide: false });
        ({ line: this.line, again } = answered(this.line, out));
      }
    } catch {
      // It stays here and is offered after the takeover.
      return;
    }
    await this.keeper.keepLine(this.line);
  }

  // --- what the page does -----------------------------------------------------------------------------------------

  /** May an answer be given now? */
  get open(): boolean {
    const { handIn, handedIn } = this.keeper.kept;
    const mine = this.line.mode === "open" && this.writing && this.keeper.ok;
    return mine && handIn === null && handedIn === null && ticking(this.stand, this.world.mono());
  }

  /** Keep an answer, then send it. Throws `NotOpen`, or `StorageRefused` when the device keeps nothing. */
  async answer(slot: number, version: string, mask: number): Promise<void> {
    if (!this.open) throw new NotOpen();
    try {
      await this.append(ANSWER, slot, version, mask);
      this.kick(pace.DEBOUNCE_MS);
    } finally {
      this.tell();
    }
  }

  /** Take over what another device left: the same answers, as new ops of this one. */
  async adoptOffers(): Promise<void> {
    const items = this.keeper.kept.start?.paper.items ?? [];
    for (const { slot, mask } of this.offered()) await this.answer(slot, items.find((item) => item.slot === slot)?.version ?? "", mask);
    await this.declineOffers();
  }

  async declineOffers(): Promise<void> {
    this.side = [];
    await this.keeper.patch({ sideSeen: this.stand.sideOps });
    this.tell();
  }

  /** Hand in. The page is read-only from here on, whatever the network does; it repeats until the result is durable. */
  async handIn(): Promise<void> {
    if (this.keeper.kept.handIn) return;
    const offline = pace.netState(this.pace, this.world.mono()) === "offline";
    if (offline && this.open) await this.append(HAND_IN, 0, NO_VERSION, 0);
    await this.keeper.patch({ handIn: { clientMs: this.world.device(), offline } });
    this.kick(0);
    this.tell();
  }

  /** A claim of the page about itself. */
  event(kind: string, ms = 0): void {
    if (this.events.length < EVENTS_MAX) this.events.push({ kind, clientMs: this.world.device(), ms: Math.round(ms) });
  }

  /** The person has seen a command. */
  async acknowledge(no: number): Promise<void> {
    const seen = Math.max(no, this.keeper.kept.ackCommand);
    this.stand = withCommands(this.stand, this.stand.commands, seen);
    await this.keeper.patch({ ackCommand: seen });
    this.kick(0);
    this.tell();
  }

  async remember(change: { marks?: readonly number[]; at?: number }): Promise<void> {
    await this.keeper.patch(change);
    this.tell();
  }

  /** Try the storage again after the person made room. */
  async retryStorage(): Promise<void> {
    this.keeper.ok = true;
    await this.keeper.put({});
    this.tell();
  }

  /** After a fork this device begins a line of its own, under a new storage key. */
  async beginAnew(): Promise<void> {
    this.side = [...this.side, ...leftBehind(this.line)];
    this.line = EMPTY_LINE;
    await this.keeper.put({ storageKey: this.world.newKey(), start: null, mode: "open" });
  }

  /** Another tab changed what is kept. */
  async reread(): Promise<void> {
    await this.recall();
    this.tell();
  }

  /** Only the writing tab speaks; a reader shows what is kept. */
  setWriting(writing: boolean): void {
    this.writing = writing;
    // Before the start is answered there is no attempt token: the entry itself listens and speaks.
    if (writing && this.keeper.kept.start) {
      this.listen();
      this.kick(0);
    } else if (!writing) {
      this.quiet();
    }
    this.tell();
  }

  /** The network is back, or the page was woken: ask at once. */
  nudge(): void {
    this.kick(0);
  }

  /** Head after the newest op kept here: what this device can show for its answers before there is a receipt. */
  get lastHead(): string {
    return headAt(this.line, topOf(this.line)) ?? "";
  }

  close(): void {
    this.ended = true;
    this.quiet();
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

  // --- the loop ---------------------------------------------------------------------------------------------------

  private kick(inMs: number): void {
    const at = this.world.mono() + inMs;
    if (this.ended || !this.writing || at >= this.wakeAt) return;
    this.wake?.();
    this.wakeAt = at;
    this.wake = this.world.later(() => {
      this.wakeAt = Infinity;
      this.wake = null;
      void this.turn();
    }, inMs);
  }

  /** One turn: speak, take the answer, plan the next turn. */
  private async turn(): Promise<void> {
    if (this.ended || !this.writing || this.line.mode === "fork" || this.keeper.kept.handedIn?.durable) return;
    const call = (this.calls += 1);
    if (this.busy) return;
    this.busy = true;
    let next: number;
    try {
      this.pace = pace.asked(this.pace, this.world.mono());
      next = await this.speak();
    } catch (error) {
      next = await this.failed(error);
    } finally {
      this.busy = false;
    }
    this.tell();
    if (next < Infinity) this.kick(this.calls === call ? next : 0);
  }

  private get isOver(): boolean {
    return this.stand.state === "closed" || this.line.mode === "late" || this.line.mode === "late-refused";
  }

  private speak(): Promise<number> {
    const mine = this.line.mode !== "side" && this.line.mode !== "fork";
    const ready = mine && waiting(this.line).length <= BATCH;
    return ready && (this.isOver || this.keeper.kept.handIn) ? this.submit() : this.sync();
  }

  private async sync(): Promise<number> {
    const range = nextRange(this.line);
    const events = this.events.slice(0, EVENTS_PER_CALL);
    const askedAt = this.world.mono();
    const ackCommand = this.keeper.kept.ackCommand;
    const wantSide = this.wantsSide;
    const out = await this.world.net.sync({ ...range, events, ackCommand, wantSide });
    this.login = true;
    this.pace = pace.heard(this.pace, this.world.mono());
    this.stand = withCommands(heardFrom(this.stand, out, askedAt, this.world.mono()), out.commands, this.keeper.kept.ackCommand);
    this.events = this.events.slice(events.length);
    if (wantSide) {
      this.side = [...this.side, ...out.side];
      this.sideAsked = out.sideOps;
    }
    const { line, again } = answered(this.line, out);
    this.line = line;
    await this.keeper.keepLine(line);
    await this.keeper.keepTime(out);
    await this.keepClock(false);
    return this.afterSync(out, again);
  }

  private async afterSync(out: SyncOut, again: boolean): Promise<number> {
    if (out.state === "void") return pace.BEAT_MS;
    if (this.line.mode === "late" || this.line.mode === "late-refused") await this.keeper.patch({ lateItems: unsyncedSlots(this.line).size });
    const timeUp = out.state === "running" && out.remainingMs <= 0 && this.line.mode === "open";
    if (timeUp || (this.isOver && this.line.mode !== "side")) return this.submit();
    if (again || this.events.length || this.wantsSide) return 0;
    return waiting(this.line).length && this.line.mode === "open" ? pace.DEBOUNCE_MS : this.beatMs;
  }

  private async submit(): Promise<number> {
    const { kept } = this.keeper;
    const unsynced = unsyncedSlots(this.line).size;
    const handedIn = await this.world.net.submit({ ...nextRange(this.line), offline: kept.handIn?.offline ?? false });
    this.pace = pace.heard(this.pace, this.world.mono());
    this.stand = { ...this.stand, state: "closed" };
    this.tooEarlyUntilMs = null;
    await this.keeper.put({ handedIn, lateItems: handedIn.result.lateOps > 0 ? kept.lateItems || unsynced : 0 });
    if (!handedIn.durable) return DURABLE_MS;
    await this.keeper.finish();
    this.quiet();
    return Infinity;
  }

  private async failed(error: unknown): Promise<number> {
    const now = this.world.mono();
    if (error instanceof StorageRefused) return pace.BEAT_MS;
    if (!(error instanceof Problem)) {
      this.pace = pace.unheard(this.pace);
      return pace.retryIn(this.pace, now, this.world.random());
    }
    if (error.status >= 500 || error.status === 429) {
      [this.pace, this.line] = [pace.busy(this.pace, error, now), refusedBy(this.line, error).line];
      return pace.retryIn(this.pace, now, this.world.random());
    }
    this.pace = pace.heard(this.pace, now);
    if (error.slug === "attempt-token-invalid" || error.slug === "not-your-attempt") return this.startAgain();
    if (error.slug === "too-early") {
      this.tooEarlyUntilMs = error.number("untilMs");
      return Math.max(500, (this.tooEarlyUntilMs ?? 0) - (serverNow(this.stand.clock, now) ?? 0));
    }
    const { line, again } = refusedBy(this.line, error);
    this.line = line;
    await this.keeper.keepLine(line);
    return again ? 0 : pace.BEAT_MS;
  }

  /** The attempt token ran out or was lost with the browser's cookies, or a node was set back behind the start: start again under the same storage key. */
  private async startAgain(): Promise<number> {
    try {
      await this.enter();
      return pace.DEBOUNCE_MS;
    } catch (error) {
      if (error instanceof Problem && error.slug === "not-logged-in") this.login = false;
      if (error instanceof Problem && error.slug === "takeover-needed") this.line = { ...this.line, mode: "side" };
      return pace.BEAT_MS;
    }
  }

  // --- small parts ------------------------------------------------------------------------------------------------

  private async append(kind: number, slot: number, version: string, mask: number): Promise<void> {
    const op = await this.keeper.append(this.line, { kind, slot, version, mask, clientMs: this.world.device() });
    // The line may have moved while the device wrote; another tab may have written between: then it is read anew.
    if (op.seq === topOf(this.line) + 1) this.line = appended(this.line, op);
    else if (op.seq > topOf(this.line)) this.line = await this.keeper.reread(this.line);
  }

  private answers = (): number[] => replay(this.baseline, this.line.ops, this.keeper.kept.start?.paper.items.length ?? 0);
  private offered = (): Offer[] => offers(this.side, this.answers());

  private get wantsSide(): boolean {
    return this.line.mode === "open" && this.stand.sideOps > Math.max(this.keeper.kept.sideSeen, this.sideAsked);
  }

  private get beatMs(): number {
    const every = this.keeper.kept.start?.syncEveryMs ?? pace.BEAT_MS;
    const beat = this.streaming ? every : Math.min(every, pace.BEAT_MS);
    const left = leftMs(this.stand, this.world.mono());
    // At the deadline itself the server is asked what it says.
    return left !== null && left > 0 && left < beat ? left + 20 : beat;
  }

  private row(): RowState {
    if (!this.keeper.ok) return "storage";
    return this.login ? pace.netState(this.pace, this.world.mono()) : "login";
  }

  private listen(): void {
    if (this.endStream || !this.writing || this.ended) return;
    this.endStream = this.world.net.listen(
      () => this.kick(0),
      (alive) => (this.streaming = alive),
    );
  }

  private quiet(): void {
    this.wake?.();
    this.endStream?.();
    [this.wake, this.endStream, this.wakeAt] = [null, null, Infinity];
  }

  private async keepClock(now: boolean): Promise<void> {
    const mono = this.world.mono();
    const known = serverNow(this.stand.clock, mono);
    if (known === null || (!now && mono - this.clockKeptAt < CLOCK_KEPT_MS)) return;
    this.clockKeptAt = mono;
    await this.keeper.patch({ lastServerMs: Math.round(known), lastDeviceMs: this.world.device() });
  }

  private tell(): void {
    if (!this.ended) this.world.changed(this.view);
  }
}
