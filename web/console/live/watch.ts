/** Keeps a wall in step with the service: the whole table once, then the stream; after a break it resumes where it was. */
import { Problem } from "@kit/api";
import { onBeforeUnmount, ref, shallowRef, type Ref, type ShallowRef } from "vue";

import { askLive, asTrouble, watchAddress, type Trouble } from "../ask";
import { leave } from "../me";
import type { LiveRow } from "../wire";
import { happenings, written, type Entry } from "./journal";
import { readStream, StreamRefused, type StreamEvent } from "./stream";
import { fromWhole, withRow, withRows, withSeen, withTick, type LiveTable } from "./table";

export type Link = "connecting" | "live" | "lost";

/** The service ticks every 5 s: two and a half ticks of silence are a break, whatever the socket says. */
export const SILENT_AFTER_MS = 12_500;
const RETRY_MS = [500, 1000, 2000, 4000, 5000];

export interface Watch {
  table: ShallowRef<LiveTable | null>;
  journal: ShallowRef<readonly Entry[]>;
  link: Ref<Link>;
  /** Page clock when the service was last heard. */
  heardMs: Ref<number>;
  /** Page clock, moving. */
  nowMs: Ref<number>;
  trouble: ShallowRef<Trouble | null>;
  took: (row: LiveRow) => void;
}

const pageMs = (): number => performance.now();

export function watchSession(session: string): Watch {
  const table = shallowRef<LiveTable | null>(null);
  const journal = shallowRef<readonly Entry[]>([]);
  const link = ref<Link>("connecting");
  const heardMs = ref(pageMs());
  const nowMs = ref(pageMs());
  const trouble = shallowRef<Trouble | null>(null);
  const ended = new AbortController();
  let current = new AbortController();
  let tries = 0;
  let wholeWanted = true;

  function heard(): void {
    nowMs.value = heardMs.value = pageMs();
    link.value = "live";
    tries = 0;
  }

  async function takeWhole(): Promise<void> {
    const live = await askLive(session);
    const before = table.value ?? undefined;
    if (before) noteAll(before, live.rows, live.serverMs);
    table.value = fromWhole(live, pageMs(), before);
    wholeWanted = false;
    trouble.value = null;
  }

  function noteAll(before: LiveTable, rows: readonly LiveRow[], serverMs: number): void {
    journal.value = written(
      journal.value,
      rows.flatMap((row) => happenings(before.rows.get(row.id), row, serverMs)),
    );
  }

  function hear(event: StreamEvent): void {
    heard();
    const held = table.value;
    if (!held) return;
    if (event.name === "again") {
      wholeWanted = true;
      current.abort();
    } else if (event.name === "rows") {
      const change = JSON.parse(event.data) as { serverMs: number; rows: LiveRow[] };
      const next = withRows(held, change, event.id, pageMs());
      if (next !== held) noteAll(held, change.rows, change.serverMs);
      table.value = next;
    } else if (event.name === "seen") {
      const change = JSON.parse(event.data) as { serverMs: number; seen: Record<string, number> };
      table.value = withSeen(held, change, event.id, pageMs());
    } else if (event.name === "tick") {
      table.value = withTick(held, (JSON.parse(event.data) as { serverMs: number }).serverMs, pageMs());
    }
  }

  async function once(): Promise<void> {
    current = new AbortController();
    if (wholeWanted) await takeWhole();
    await readStream(watchAddress(session), table.value?.event ?? "", hear, current.signal);
  }

  const over = (): boolean => ended.signal.aborted;

  async function keep(): Promise<void> {
    while (!over()) {
      try {
        await once();
      } catch (thrown) {
        if (!survives(thrown)) return;
      }
      if (over()) return;
      if (wholeWanted && link.value === "live") continue;
      link.value = "lost";
      await sleep(RETRY_MS[Math.min(tries, RETRY_MS.length - 1)] ?? 5000);
      tries += 1;
    }
  }

  /** Whether trying again makes sense; a refused log-in or a foreign session ends the watch. */
  function survives(thrown: unknown): boolean {
    if (thrown instanceof DOMException || thrown instanceof TypeError) return true;
    if (thrown instanceof StreamRefused) {
      if (thrown.status === 401) leave();
      return thrown.status >= 500 || thrown.status === 429;
    }
    trouble.value = asTrouble(thrown);
    return !(thrown instanceof Problem) || thrown.status >= 500;
  }

  const beat = setInterval(() => {
    nowMs.value = pageMs();
    if (link.value === "live" && nowMs.value - heardMs.value > SILENT_AFTER_MS) current.abort();
  }, 500);
  onBeforeUnmount(() => {
    clearInterval(beat);
    ended.abort();
    current.abort();
  });
  void keep();

  return {
    table,
    journal,
    link,
    heardMs,
    nowMs,
    trouble,
    took: (row) => {
      if (!table.value) return;
      noteAll(table.value, [row], pageMs() + table.value.aheadMs);
      table.value = withRow(table.value, row);
    },
  };
}

function sleep(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
