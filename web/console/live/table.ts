/** The wall's table: the whole of it once, then changed rows by event. Pure, and it never reorders. */

import type { LiveOut, LiveRow, SessionRow } from "../wire";

export interface LiveTable {
  session: SessionRow;
  /** Ids in the order of the seats. Places are memory: only new candidates are added, at the end. */
  order: readonly string[];
  rows: ReadonlyMap<string, LiveRow>;
  /** Last event applied, `epoch.counter`; the stream resumes after it. */
  event: string;
  /** Service clock minus page clock, from the newest message. */
  aheadMs: number;
}

/** The table as the service gave it. With `before`, seats keep the places they had. */
export function fromWhole(live: LiveOut, atMs: number, before?: LiveTable): LiveTable {
  const rows = new Map(live.rows.map((row) => [row.id, row]));
  const known = before?.session.id === live.session.id ? before.order.filter((id) => rows.has(id)) : [];
  const held = new Set(known);
  const fresh = live.rows.filter((row) => !held.has(row.id)).sort(bySeat);
  return {
    session: live.session,
    order: [...known, ...fresh.map((row) => row.id)],
    rows,
    event: live.event,
    aheadMs: live.serverMs - atMs,
  };
}

/** The table after a `rows` event. An event that was applied before changes nothing. */
export function withRows(
  table: LiveTable,
  change: { serverMs: number; rows: readonly LiveRow[] },
  event: string,
  atMs: number,
): LiveTable {
  if (!isAfter(event, table.event)) return table;
  const rows = new Map(table.rows);
  const added: LiveRow[] = [];
  for (const row of change.rows) {
    if (!rows.has(row.id)) added.push(row);
    rows.set(row.id, row);
  }
  const order = added.length === 0 ? table.order : [...table.order, ...added.sort(bySeat).map((r) => r.id)];
  return { ...table, rows, order, event: event || table.event, aheadMs: change.serverMs - atMs };
}

/** The table after a `seen` event: newer signs of life, nothing else. An event that was applied before changes nothing. */
export function withSeen(table: LiveTable, change: { serverMs: number; seen: Readonly<Record<string, number>> }, event: string, atMs: number): LiveTable {
  if (!isAfter(event, table.event)) return table;
  const rows = new Map(table.rows);
  for (const [id, lastSeenMs] of Object.entries(change.seen)) {
    const row = rows.get(id);
    if (row && row.lastSeenMs < lastSeenMs) rows.set(id, { ...row, lastSeenMs });
  }
  return { ...table, rows, event: event || table.event, aheadMs: change.serverMs - atMs };
}

/** One row that an act of this page changed; the stream will say the same. */
export function withRow(table: LiveTable, row: LiveRow): LiveTable {
  if (!table.rows.has(row.id)) return table;
  return { ...table, rows: new Map(table.rows).set(row.id, row) };
}

/** The service's clock, heard anew. */
export function withTick(table: LiveTable, serverMs: number, atMs: number): LiveTable {
  return { ...table, aheadMs: serverMs - atMs };
}

/** Whether `event` comes after `held`. Events without an id, and of another epoch, count as new. */
export function isAfter(event: string, held: string): boolean {
  const [epoch, counter] = cut(event);
  const [heldEpoch, heldCounter] = cut(held);
  if (event === "" || epoch !== heldEpoch) return true;
  return counter > heldCounter;
}

function cut(event: string): [string, number] {
  const dot = event.lastIndexOf(".");
  return [event.slice(0, Math.max(0, dot)), Number(event.slice(dot + 1))];
}

/** Seats as people count them (`2-2` before `2-10`), then ticket numbers; without a seat last. */
export function bySeat(a: LiveRow, b: LiveRow): number {
  if ((a.seat === "") !== (b.seat === "")) return a.seat === "" ? 1 : -1;
  const here = a.seat.split(/\D+/).map(Number);
  const there = b.seat.split(/\D+/).map(Number);
  for (let i = 0; i < Math.max(here.length, there.length); i += 1) {
    const gap = (here[i] ?? -1) - (there[i] ?? -1);
    if (gap !== 0 && !Number.isNaN(gap)) return gap;
  }
  return a.ticketNo < b.ticketNo ? -1 : a.ticketNo > b.ticketNo ? 1 : 0;
}
