/** The same promises asked of IndexedDB and of the storage in memory that stands in for it. */
import "fake-indexeddb/auto";
import { describe, expect, it } from "vitest";

import { MemoryOutbox } from "../../tests/memory";
import { ATTEMPT, paperOf } from "../../tests/server";
import { ANSWER, firstHead, nextHead } from "../chain";
import type { Opened, SubmitOut } from "../wire";
import { IndexedOutbox, newKept, StorageRefused, type Draft, type OutboxStore } from "./store";

const ZERO = { seq: 0, head: null };
const draft = (slot: number, mask: number): Draft => ({ kind: ANSWER, slot, version: "0".repeat(32), mask, clientMs: 1_763_778_600_000 });

let databases = 0;
const makers: [string, () => OutboxStore][] = [
  ["IndexedDB", () => new IndexedOutbox(`test-${(databases += 1)}`)],
  ["memory", () => new MemoryOutbox()],
];

describe.each(makers)("a storage in %s", (_name, make) => {
  it("gives ops the next seq of their fence and chains their heads", async () => {
    const store = make();
    const first = await store.append(ATTEMPT, 1, ZERO, draft(0, 1));
    const second = await store.append(ATTEMPT, 1, ZERO, draft(1, 2));
    const other = await store.append(ATTEMPT, 2, ZERO, draft(1, 2));
    expect([first.seq, second.seq, other.seq]).toEqual([1, 2, 1]);
    expect(second.head).toBe(nextHead(first.head, second, 1));
    expect(other.head).toBe(nextHead(firstHead(ATTEMPT, 2), other, 2));
  });

  it("continues from an origin that it did not see the beginning of", async () => {
    const op = await make().append(ATTEMPT, 1, { seq: 7, head: "a".repeat(64) }, draft(0, 1));
    expect(op).toMatchObject({ seq: 8, head: nextHead("a".repeat(64), op, 1) });
  });

  it("takes no seq twice when two tabs write at once", async () => {
    const store = make();
    const ops = await Promise.all([0, 1, 2, 3].map((slot) => store.append(ATTEMPT, 1, ZERO, draft(slot, 1))));
    expect(ops.map((op) => op.seq).sort()).toEqual([1, 2, 3, 4]);
    expect((await store.ops(ATTEMPT, 1)).map((op) => op.seq)).toEqual([1, 2, 3, 4]);
  });

  it("changes what is asked and leaves the rest", async () => {
    const store = make();
    await store.put({ ...newKept(ATTEMPT, "k"), held: 3 });
    await store.patch(ATTEMPT, { marks: [4] });
    expect(await store.find(ATTEMPT)).toMatchObject({ storageKey: "k", held: 3, marks: [4] });
  });

  it("lets ops, paper and pictures go once the result is durable, and keeps the receipt", async () => {
    const store = make();
    await store.put({ ...newKept(ATTEMPT, "k"), start: { paper: paperOf(2) } as Opened });
    await store.append(ATTEMPT, 1, ZERO, draft(0, 1));
    await store.keepPicture(ATTEMPT, "p", new Blob(["x"]));
    await store.finish(ATTEMPT, { receipt: "KW1" } as SubmitOut);
    expect(await store.ops(ATTEMPT, 1)).toEqual([]);
    expect(await store.picture(ATTEMPT, "p")).toBeUndefined();
    expect(await store.find(ATTEMPT)).toMatchObject({ start: null, handedIn: { receipt: "KW1" } });
  });
});

it("says so when the browser keeps nothing", async () => {
  const store = new IndexedOutbox("refused");
  const kept = globalThis.indexedDB;
  Object.defineProperty(globalThis, "indexedDB", { value: undefined, configurable: true });
  await expect(store.put(newKept(ATTEMPT, "k"))).rejects.toBeInstanceOf(StorageRefused);
  Object.defineProperty(globalThis, "indexedDB", { value: kept, configurable: true });
});
