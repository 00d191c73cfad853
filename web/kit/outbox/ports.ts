/** What the outbox needs of the world, and what it tells the screen. */
import type { ServerClock } from "../clock";
import type { CommandOut, Opened, Paper, StartIn, SubmitIn, SubmitOut, SyncIn, SyncOut } from "../wire";
import type { Offer } from "./answers";
import type { Mode } from "./line";
import type { NetState } from "./pace";
import type { Kept, OutboxStore } from "./store";

/** What the page says at a start; whether a sealed paper lies on the device is no business of the outbox. */
export type StartAsk = Omit<StartIn, "sealedDigest">;

export interface OutboxNet {
  start(body: StartAsk): Promise<Opened>;
  sync(body: SyncIn): Promise<SyncOut>;
  submit(body: SubmitIn): Promise<SubmitOut>;
  /** Own result of an attempt that is closed. */
  result(attemptId: string): Promise<SubmitOut>;
  /** The stream that says "something waits, sync now". Gives the way to end it. */
  listen(poked: () => void, alive: (open: boolean) => void): () => void;
}

export interface OutboxWorld {
  readonly net: OutboxNet;
  readonly store: OutboxStore;
  /** Monotonic ms. */
  mono(): number;
  /** The device's own clock, ms: a claim. */
  device(): number;
  random(): number;
  /** Run later; gives the way to call it off. */
  later(work: () => void, ms: number): () => void;
  /** A storage key for a storage that has none: 32 random hex digits. */
  newKey(): string;
  changed(view: OutboxView): void;
}

/** What the row under the time says: `storage` nothing is kept here any more, `login` the log-in ran out. */
export type RowState = NetState | "storage" | "login";

export interface OutboxView {
  readonly attemptId: string;
  readonly start: Opened | null;
  readonly paper: Paper | null;
  /** Masks by slot. */
  readonly answers: readonly number[];
  readonly mode: Mode;
  readonly row: RowState;
  /** Items whose last change the server has not applied. */
  readonly unsynced: number;
  /** Answered items that the server holds. */
  readonly saved: number;
  readonly state: string;
  readonly clock: ServerClock;
  readonly deadlineMs: number;
  readonly pausedRemainingMs: number | null;
  /** Counts corrections of the shown time that a person can see. */
  readonly jumps: number;
  readonly commands: readonly CommandOut[];
  readonly offers: readonly Offer[];
  readonly lateItems: number;
  readonly handIn: Kept["handIn"];
  readonly tooEarlyUntilMs: number | null;
  readonly handedIn: SubmitOut | null;
  readonly marks: readonly number[];
  readonly at: number;
  /** False in a tab that only reads because another one writes. */
  readonly writing: boolean;
}

/** Answers of a page that may not write any more are refused; the screen shows why. */
export class NotOpen extends Error {}
