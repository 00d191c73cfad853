/**
 * The outbox of one attempt: every answer is kept on this device first, then sent until the server holds it.
 *
 * Here is what the page does with it. Getting in is in `entry.ts`, the loop that sends in `turns.ts`, what is known and
 * what follows from it in `situation.ts`; network, storage, time and chance are handed in. What it knows is one
 * immutable view, given to a listener after each change.
 */
import { ANSWER, HAND_IN, NO_VERSION } from "../chain";
import { leftBehind } from "./answers";
import { enter, type EntryAsk } from "./entry";
import { appended, headAt, topOf } from "./line";
import { DEBOUNCE_MS } from "./pace";
import { NotOpen, type OutboxView, type OutboxWorld } from "./ports";
import { EMPTY_LINE, Situation } from "./situation";
import { withCommands } from "./stand";
import { Turns } from "./turns";

/** Events kept while there is no network; more of them say nothing new. */
const EVENTS_MAX = 200;

export class Outbox {
  private readonly here: Situation;
  private readonly turns: Turns;

  constructor(attemptId: string, world: OutboxWorld) {
    this.here = new Situation(attemptId, world);
    this.turns = new Turns(this.here, () => this.enter());
  }

  /**
   * Start or go on. Without network it goes on with what is kept here. Throws the `Problem` of a refused start, or
   * `NoAnswer` when nothing is kept that one could go on with.
   */
  async enter(ask: EntryAsk = {}): Promise<void> {
    if (await enter(this.here, ask)) {
      this.turns.listen();
      this.turns.kick(0);
    }
    this.here.tell();
  }

  /** May an answer be given now? */
  get open(): boolean {
    return this.here.open;
  }

  get view(): OutboxView {
    return this.here.view;
  }

  /** Keep an answer, then send it. Throws `NotOpen`, or `StorageRefused` when the device keeps nothing. */
  async answer(slot: number, version: string, mask: number): Promise<void> {
    if (!this.open) throw new NotOpen();
    try {
      await this.append(ANSWER, slot, version, mask);
      this.turns.kick(DEBOUNCE_MS);
    } finally {
      this.here.tell();
    }
  }

  /** Take over what another device left: the same answers, as new ops of this one. */
  async adoptOffers(): Promise<void> {
    const items = this.here.keeper.kept.start?.paper.items ?? [];
    for (const { slot, mask } of this.here.offered()) await this.answer(slot, items.find((item) => item.slot === slot)?.version ?? "", mask);
    await this.declineOffers();
  }

  async declineOffers(): Promise<void> {
    this.here.side = [];
    await this.here.keeper.patch({ sideSeen: this.here.stand.sideOps });
    this.here.tell();
  }

  /** Hand in. The page is read-only from here on, whatever the network does; it repeats until the result is durable. */
  async handIn(): Promise<void> {
    const { keeper, world } = this.here;
    if (keeper.kept.handIn) return;
    const offline = this.here.net === "offline";
    if (offline && this.open) await this.append(HAND_IN, 0, NO_VERSION, 0);
    await keeper.patch({ handIn: { clientMs: world.device(), offline } });
    this.turns.kick(0);
    this.here.tell();
  }

  /** A claim of the page about itself. */
  event(kind: string, ms = 0): void {
    const { events, world } = this.here;
    if (events.length < EVENTS_MAX) events.push({ kind, clientMs: world.device(), ms: Math.round(ms) });
  }

  /** The person has seen a command. */
  async acknowledge(no: number): Promise<void> {
    const { here } = this;
    const seen = Math.max(no, here.keeper.kept.ackCommand);
    here.stand = withCommands(here.stand, here.stand.commands, seen);
    await here.keeper.patch({ ackCommand: seen });
    this.turns.kick(0);
    here.tell();
  }

  async remember(change: { marks?: readonly number[]; at?: number }): Promise<void> {
    await this.here.keeper.patch(change);
    this.here.tell();
  }

  /** Try the storage again after the person made room. */
  async retryStorage(): Promise<void> {
    this.here.keeper.ok = true;
    await this.here.keeper.put({});
    this.here.tell();
  }

  /** After a fork this device begins a line of its own, under a new storage key. */
  async beginAnew(): Promise<void> {
    const { here } = this;
    here.side = [...here.side, ...leftBehind(here.line)];
    here.line = EMPTY_LINE;
    await here.keeper.put({ storageKey: here.world.newKey(), start: null, mode: "open" });
  }

  /** Another tab changed what is kept. */
  async reread(): Promise<void> {
    await this.here.recall();
    this.here.tell();
  }

  /** Only the writing tab speaks; a reader shows what is kept. */
  setWriting(writing: boolean): void {
    this.here.writing = writing;
    // Before the start is answered there is no attempt token: the entry itself listens and speaks.
    if (writing && this.here.keeper.kept.start) {
      this.turns.listen();
      this.turns.kick(0);
    } else if (!writing) {
      this.turns.quiet();
    }
    this.here.tell();
  }

  /** The network is back, or the page was woken: ask at once. */
  nudge(): void {
    this.turns.kick(0);
  }

  /** Head after the newest op kept here: what this device can show for its answers before there is a receipt. */
  get lastHead(): string {
    return headAt(this.here.line, topOf(this.here.line)) ?? "";
  }

  close(): void {
    this.here.ended = true;
    this.turns.quiet();
  }

  private async append(kind: number, slot: number, version: string, mask: number): Promise<void> {
    const { here } = this;
    const op = await here.keeper.append(here.line, { kind, slot, version, mask, clientMs: here.world.device() });
    // The line may have moved while the device wrote; another tab may have written between: then it is read anew.
    if (op.seq === topOf(here.line) + 1) here.line = appended(here.line, op);
    else if (op.seq > topOf(here.line)) here.line = await here.keeper.reread(here.line);
  }
}
