/** The outbox's world in a browser: the service's routes, the stream, IndexedDB, the page's own counters. */
import { call, NoAnswer, Problem } from "../api";
import { sealedShelf, startOpened } from "../sealed";
import type { StartOut, SubmitOut, SyncOut } from "../wire";
import type { OutboxNet, OutboxView, OutboxWorld } from "./ports";
import { IndexedOutbox, type OutboxStore } from "./store";

export const deviceStore: OutboxStore & { keepsThings(): Promise<boolean> } = new IndexedOutbox();

/** A stream that was refused is tried again so often; the heartbeat goes on meanwhile. */
const REOPEN_MS = 5_000;

const net: OutboxNet = {
  start: (body) =>
    startOpened(body, {
      shelf: sealedShelf,
      ask: (whole) => call<StartOut>("POST", "/api/attempt/start", { body: whole }),
      keepPicture: (sha256, picture) => deviceStore.keepPicture(body.attemptId, sha256, picture),
    }),
  sync: (body) => call<SyncOut>("POST", "/api/attempt/sync", { body }),
  submit: (body) => call<SubmitOut>("POST", "/api/attempt/submit", { body }),
  result: (attemptId) => call<SubmitOut>("GET", `/api/my/exams/${attemptId}/result`),
  listen(poked, alive) {
    let stream: EventSource | null = null;
    let later: ReturnType<typeof setTimeout> | undefined;
    function open(): void {
      const opened = new EventSource("/api/attempt/down");
      stream = opened;
      opened.addEventListener("open", () => alive(true));
      opened.addEventListener("error", () => {
        alive(false);
        // A refusal (the service restarts) ends an EventSource for good: it is opened anew.
        if (opened.readyState === EventSource.CLOSED) later = setTimeout(open, REOPEN_MS);
      });
      opened.addEventListener("poke", poked);
    }
    open();
    return () => {
      clearTimeout(later);
      stream?.close();
    };
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
