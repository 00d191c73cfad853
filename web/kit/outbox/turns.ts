/** The loop of one page: speak, believe the answer, plan the next turn, until the result is durable. */
import { Problem } from "../api";
import { serverNow } from "../clock";
import type { SyncOut } from "../wire";
import { unsyncedSlots } from "./answers";
import { answered, BATCH, nextRange, refusedBy, waiting } from "./line";
import * as pace from "./pace";
import type { Situation } from "./situation";
import { heardFrom, withCommands } from "./stand";
import { StorageRefused } from "./store";

const EVENTS_PER_CALL = 32;
/** Between two questions whether the result is durable. */
const DURABLE_MS = 3_000;

export class Turns {
  private busy = false;
  /** Turns asked for; one that comes while another runs is made up for after it. */
  private calls = 0;
  private wake: (() => void) | null = null;
  private wakeAt = Infinity;
  private endStream: (() => void) | null = null;

  constructor(
    private readonly here: Situation,
    /** Start again under the same storage key. */
    private readonly enter: () => Promise<void>,
  ) {}

  /** Take a turn in so many ms, unless one comes sooner. */
  kick(inMs: number): void {
    const { here } = this;
    const at = here.world.mono() + inMs;
    if (here.ended || !here.writing || at >= this.wakeAt) return;
    this.wake?.();
    this.wakeAt = at;
    this.wake = here.world.later(() => {
      this.wakeAt = Infinity;
      this.wake = null;
      void this.turn();
    }, inMs);
  }

  /** Listen for the server's "something waits". */
  listen(): void {
    const { here } = this;
    if (this.endStream || !here.writing || here.ended) return;
    this.endStream = here.world.net.listen(
      () => this.kick(0),
      (alive) => (here.streaming = alive),
    );
  }

  /** No more turns, no more listening. */
  quiet(): void {
    this.wake?.();
    this.endStream?.();
    [this.wake, this.endStream, this.wakeAt] = [null, null, Infinity];
  }

  private async turn(): Promise<void> {
    const { here } = this;
    if (here.ended || !here.writing || here.line.mode === "fork" || here.keeper.kept.handedIn?.durable) return;
    const call = (this.calls += 1);
    if (this.busy) return;
    this.busy = true;
    let next: number;
    try {
      here.pace = pace.asked(here.pace, here.world.mono());
      next = await this.speak();
    } catch (error) {
      next = await this.failed(error);
    } finally {
      this.busy = false;
    }
    here.tell();
    if (next < Infinity) this.kick(this.calls === call ? next : 0);
  }

  private speak(): Promise<number> {
    const { here } = this;
    const mine = here.line.mode !== "side" && here.line.mode !== "fork";
    const ready = mine && waiting(here.line).length <= BATCH;
    return ready && (here.isOver || here.keeper.kept.handIn) ? this.submit() : this.sync();
  }

  private async sync(): Promise<number> {
    const { here } = this;
    const range = nextRange(here.line);
    const events = here.events.slice(0, EVENTS_PER_CALL);
    const askedAt = here.world.mono();
    const { ackCommand } = here.keeper.kept;
    const { wantsSide: wantSide } = here;
    const out = await here.world.net.sync({ ...range, events, ackCommand, wantSide });
    const gotAt = here.world.mono();
    here.login = true;
    here.pace = pace.heard(here.pace, gotAt);
    here.stand = withCommands(heardFrom(here.stand, out, askedAt, gotAt), out.commands, here.keeper.kept.ackCommand);
    here.events = here.events.slice(events.length);
    if (wantSide) {
      here.side = [...here.side, ...out.side];
      here.sideAsked = out.sideOps;
    }
    const { line, again } = answered(here.line, out);
    here.line = line;
    await here.keeper.keepLine(line);
    await here.keeper.keepTime(out);
    await here.keepClock(false);
    return this.afterSync(out, again);
  }

  private async afterSync(out: SyncOut, again: boolean): Promise<number> {
    const { here } = this;
    if (out.state === "void") return pace.BEAT_MS;
    if (here.line.mode === "late" || here.line.mode === "late-refused") await here.keeper.patch({ lateItems: unsyncedSlots(here.line).size });
    const timeUp = out.state === "running" && out.remainingMs <= 0 && here.line.mode === "open";
    if (timeUp || (here.isOver && here.line.mode !== "side")) return this.submit();
    if (again || here.events.length || here.wantsSide) return 0;
    return waiting(here.line).length && here.line.mode === "open" ? pace.DEBOUNCE_MS : here.beatMs;
  }

  private async submit(): Promise<number> {
    const { here } = this;
    const { kept } = here.keeper;
    const unsynced = unsyncedSlots(here.line).size;
    const handedIn = await here.world.net.submit({ ...nextRange(here.line), offline: kept.handIn?.offline ?? false });
    here.pace = pace.heard(here.pace, here.world.mono());
    here.stand = { ...here.stand, state: "closed" };
    here.tooEarlyUntilMs = null;
    await here.keeper.put({ handedIn, lateItems: handedIn.result.lateOps > 0 ? kept.lateItems || unsynced : 0 });
    if (!handedIn.durable) return DURABLE_MS;
    await here.keeper.finish();
    this.quiet();
    return Infinity;
  }

  private async failed(error: unknown): Promise<number> {
    const { here } = this;
    const now = here.world.mono();
    if (error instanceof StorageRefused) return pace.BEAT_MS;
    if (!(error instanceof Problem)) {
      here.pace = pace.unheard(here.pace);
      return pace.retryIn(here.pace, now, here.world.random());
    }
    if (error.status >= 500 || error.status === 429) {
      [here.pace, here.line] = [pace.busy(here.pace, error, now), refusedBy(here.line, error).line];
      return pace.retryIn(here.pace, now, here.world.random());
    }
    here.pace = pace.heard(here.pace, now);
    if (error.slug === "attempt-token-invalid" || error.slug === "not-your-attempt") return this.startAgain();
    if (error.slug === "too-early") {
      here.tooEarlyUntilMs = error.number("untilMs");
      return Math.max(500, (here.tooEarlyUntilMs ?? 0) - (serverNow(here.stand.clock, now) ?? 0));
    }
    const { line, again } = refusedBy(here.line, error);
    here.line = line;
    await here.keeper.keepLine(line);
    return again ? 0 : pace.BEAT_MS;
  }

  /** The attempt token ran out or was lost with the browser's cookies, or a node was set back behind the start. */
  private async startAgain(): Promise<number> {
    const { here } = this;
    try {
      await this.enter();
      return pace.DEBOUNCE_MS;
    } catch (error) {
      if (error instanceof Problem && error.slug === "not-logged-in") here.login = false;
      if (error instanceof Problem && error.slug === "takeover-needed") here.line = { ...here.line, mode: "side" };
      return pace.BEAT_MS;
    }
  }
}
