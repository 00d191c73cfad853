/** Getting into an attempt: by the service's start, or without network by what is kept on this device. */
import { NoAnswer, Problem } from "../api";
import { restored } from "../clock";
import type { Opened } from "../wire";
import { leftBehind } from "./answers";
import { answered, newLine, nextRange, resumed, waiting } from "./line";
import * as pace from "./pace";
import type { Situation } from "./situation";
import { heardFrom } from "./stand";

export interface EntryAsk {
  takeover?: boolean;
  takeoverCode?: string;
}

/**
 * Start or go on; false where nothing is left to do, because the result is durable. Throws the `Problem` of a refused
 * start, or `NoAnswer` when nothing is kept that one could go on with.
 */
export async function enter(here: Situation, ask: EntryAsk): Promise<boolean> {
  await here.recall();
  if (here.keeper.kept.handedIn?.durable) return false;
  const askedAt = here.world.mono();
  const { storageKey } = here.keeper.kept;
  const body = { attemptId: here.attemptId, storageKey, takeover: ask.takeover ?? false, takeoverCode: ask.takeoverCode ?? "" };
  try {
    await adopt(here, await here.world.net.start(body), askedAt);
  } catch (error) {
    await enterWithout(here, error);
  }
  return true;
}

async function adopt(here: Situation, out: Opened, askedAt: number): Promise<void> {
  const before = here.line;
  const held = { seq: out.seq, head: out.seq === 0 ? null : out.head };
  if (here.keeper.kept.start?.fence === out.fence) {
    here.line = resumed(before, held);
  } else {
    // A new fence: what an older line of this storage had not delivered is offered like another device's ops.
    here.side = [...here.side, ...leftBehind(before)];
    here.line = newLine(out.fence, held, []);
  }
  here.login = true;
  here.baseline = { seq: out.seq, answers: out.answers };
  here.stand = heardFrom(here.stand, out, askedAt, here.world.mono());
  here.pace = pace.heard(here.pace, here.world.mono());
  const { origin, beside, mode } = here.line;
  await here.keeper.put({ start: out, origin, held: here.line.held, beside, mode });
  await here.keepClock(true);
}

/** The start was refused or unheard: some of it is no reason to stop. */
async function enterWithout(here: Situation, error: unknown): Promise<void> {
  const { kept } = here.keeper;
  if (error instanceof NoAnswer && kept.start) {
    const mono = here.world.mono();
    const device = here.world.device();
    here.pace = pace.unheard(pace.asked(here.pace, mono));
    if (here.stand.clock.offset === null) {
      const clock = restored(kept.lastServerMs || kept.start.serverMs, kept.lastDeviceMs || device, device, mono);
      here.stand = { ...here.stand, clock };
    }
    return;
  }
  if (error instanceof Problem && error.slug === "already-closed") {
    here.stand = { ...here.stand, state: "closed" };
    if (!kept.start) await here.keeper.put({ handedIn: await here.world.net.result(here.attemptId) });
    return;
  }
  if (error instanceof Problem && error.slug === "takeover-needed" && waiting(here.line).length) await flushBeside(here);
  throw error;
}

/** Another device writes: what this one still has is logged beside, under the old token, before anything else. */
async function flushBeside(here: Situation): Promise<void> {
  try {
    for (let again = true; again; ) {
      const range = nextRange(here.line);
      const out = await here.world.net.sync({ ...range, events: [], ackCommand: here.keeper.kept.ackCommand, wantSide: false });
      ({ line: here.line, again } = answered(here.line, out));
    }
  } catch {
    // It stays here and is offered after the takeover.
    return;
  }
  await here.keeper.keepLine(here.line);
}
