/** What the server last said about the attempt besides the ops: state, time, commands, what other devices left. */
import { NO_CLOCK, remaining, sampled, type ServerClock } from "../clock";
import type { CommandOut, StartOut, SyncOut } from "../wire";

export interface Stand {
  readonly state: string;
  readonly clock: ServerClock;
  readonly deadlineMs: number;
  readonly pausedRemainingMs: number | null;
  readonly jumps: number;
  /** Not yet seen by the person. */
  readonly commands: readonly CommandOut[];
  readonly sideOps: number;
}

export const UNKNOWN: Stand = {
  state: "ready", clock: NO_CLOCK, deadlineMs: 0, pausedRemainingMs: null, jumps: 0, commands: [], sideOps: 0,
};

type Said = Pick<StartOut | SyncOut, "state" | "deadlineMs" | "remainingMs" | "sideOps" | "serverMs">;

/** After an answer of the server, asked and received at these monotonic instants. */
export function heardFrom(stand: Stand, said: Said, askedAt: number, gotAt: number): Stand {
  const { clock, jumped } = sampled(stand.clock, { serverMs: said.serverMs, askedAt, gotAt });
  return { ...remembered(stand, said), clock, jumps: stand.jumps + (jumped ? 1 : 0) };
}

/** As kept on the device by an earlier page; the clock is another matter. */
export function remembered(stand: Stand, said: Omit<Said, "serverMs">): Stand {
  return {
    ...stand,
    state: said.state,
    deadlineMs: said.deadlineMs,
    pausedRemainingMs: said.state === "paused" ? said.remainingMs : null,
    sideOps: said.sideOps,
  };
}

export function withCommands(stand: Stand, commands: readonly CommandOut[], acknowledged: number): Stand {
  return { ...stand, commands: commands.filter((command) => command.no > acknowledged) };
}

export const leftMs = (stand: Stand, mono: number): number | null => remaining(stand.clock, mono, stand);

/** The clock runs and has not run out. */
export function ticking(stand: Stand, mono: number): boolean {
  return stand.state === "running" && (leftMs(stand, mono) ?? 0) > 0;
}
