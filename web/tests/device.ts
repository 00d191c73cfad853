/** A device with its page, for tests: its own storage, network and time, moved on by hand. */
import { Outbox } from "../kit/outbox/outbox";
import type { OutboxView } from "../kit/outbox/ports";
import { MemoryOutbox } from "./memory";
import type { Server } from "./server";
import { ATTEMPT } from "./server";

/** mulberry32: a small seeded source of chance. */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export class Device {
  store = new MemoryOutbox();
  up = true;
  /** Share of replies that are lost on the way. */
  lossy = 0;
  /** What this device's own clock is wrong by. */
  skewMs = 0;
  outbox!: Outbox;
  view!: OutboxView;
  readonly cookie = { fence: 0 };
  private mono = 0;
  private timers: { at: number; work: () => void }[] = [];
  private keys = 0;

  constructor(
    readonly server: Server,
    readonly random: () => number = chance(1),
    private readonly name = "a",
  ) {}

  /** Open the page: also what a reload does; whatever the old page had in mind is gone. */
  async open(ask: { takeover?: boolean } = {}): Promise<void> {
    this.timers = [];
    this.mono = 0;
    this.outbox = new Outbox(ATTEMPT, {
      net: this.server.device({ up: () => this.up, losesReply: () => this.random() < this.lossy, cookie: this.cookie }),
      store: this.store,
      mono: () => this.mono,
      device: () => this.server.now + this.skewMs,
      random: this.random,
      later: (work, ms) => {
        const timer = { at: this.mono + ms, work };
        this.timers.push(timer);
        return () => (this.timers = this.timers.filter((other) => other !== timer));
      },
      newKey: () => `${this.name}${(this.keys += 1)}`.padStart(32, "0"),
      changed: (view) => (this.view = view),
    });
    await this.outbox.enter(ask);
  }

  choose(slot: number, mask: number): Promise<void> {
    return this.outbox.answer(slot, slot.toString(16).padStart(32, "0"), mask);
  }

  /** Let time pass here and on the server; timers run in their order. */
  async pass(ms: number): Promise<void> {
    const until = this.mono + ms;
    for (;;) {
      this.timers.sort((a, b) => a.at - b.at);
      const next = this.timers[0];
      if (!next || next.at > until) break;
      this.timers.shift();
      this.move(next.at - this.mono);
      next.work();
      await settle();
    }
    this.move(until - this.mono);
    this.view = this.outbox.view;
  }

  private move(ms: number): void {
    this.mono += ms;
    this.server.now += ms;
  }
}

/** Let everything that waits for nothing but its turn run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) await Promise.resolve();
}
