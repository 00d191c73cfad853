/** The outbox's world in a browser: the service's routes, the stream, IndexedDB, the page's own counters. */
import { call, NoAnswer, Problem } from "../api";
import type { StartOut, SubmitOut, SyncOut } from "../wire";
import type { OutboxNet, OutboxView, OutboxWorld } from "./ports";
import { IndexedOutbox, type OutboxStore } from "./store";

export const deviceStore: OutboxStore & { keepsThings(): Promise<boolean> } = new IndexedOutbox();

const net: OutboxNet = {
  start: (body) => call<StartOut>("POST", "/api/attempt/start", { body }),
  sync: (body) => call<SyncOut>("POST", "/api/attempt/sync", { body }),
  submit: (body) => call<SubmitOut>("POST", "/api/attempt/submit", { body }),
  result: (attemptId) => call<SubmitOut>("GET", `/api/my/exams/${attemptId}/result`),
  listen(poked, alive) {
    const stream = new EventSource("/api/attempt/down");
    stream.addEventListener("open", () => alive(true));
    stream.addEventListener("error", () => alive(false));
    stream.addEventListener("poke", poked);
    return () => stream.close();
  },
};

export function browserWorld(changed: (view: OutboxView) => void): OutboxWorld {
  return {
    net,
    store: deviceStore,
    mono: () => performance.now(),
    device: () => Date.now(),
    random: () => Math.random(),
    later(work, ms) {
      const timer = setTimeout(work, ms);
      return () => clearTimeout(timer);
    },
    newKey: () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
    changed,
  };
}

/** Own result: from the service, else what this device keeps of it. */
export async function ownResult(attemptId: string): Promise<SubmitOut> {
  try {
    return await net.result(attemptId);
  } catch (error) {
    if (!(error instanceof NoAnswer) && !(error instanceof Problem && error.status >= 500)) throw error;
    const kept = await deviceStore.find(attemptId).catch(() => undefined);
    if (!kept?.handedIn) throw error;
    return kept.handedIn;
  }
}
