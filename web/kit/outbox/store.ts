/** Where sittings and their ops lie on this device: a port, and IndexedDB behind it. */
import { openDB, type DBSchema, type IDBPDatabase } from "idb";

import { firstHead, nextHead } from "../chain";
import type { Opened, SubmitOut } from "../wire";
import type { Held, KeptOp, Mode } from "./line";

/** What a page says of an op before it has a place in the line. */
export interface Draft {
  readonly kind: number;
  readonly slot: number;
  readonly version: string;
  readonly mask: number;
  readonly clientMs: number;
}

/** Everything kept about one attempt besides its ops. */
export interface Kept {
  readonly attemptId: string;
  /** Made here before the first start; shows the server that this storage still holds the outbox. */
  readonly storageKey: string;
  readonly start: Opened | null;
  readonly origin: Held;
  readonly held: number;
  readonly beside: number;
  readonly mode: Mode;
  /** The candidate handed in here; answering is over even before the server knows. */
  readonly handIn: { readonly clientMs: number; readonly offline: boolean } | null;
  readonly handedIn: SubmitOut | null;
  /** Items that had not reached the server when it closed. */
  readonly lateItems: number;
  readonly ackCommand: number;
  readonly marks: readonly number[];
  readonly at: number;
  /** Ops of other devices that the candidate has already decided on. */
  readonly sideSeen: number;
  /** Server time last known and the device's time then: only for a reload without network. */
  readonly lastServerMs: number;
  readonly lastDeviceMs: number;
}

export function newKept(attemptId: string, storageKey: string): Kept {
  return {
    attemptId, storageKey, start: null, origin: { seq: 0, head: null }, held: 0, beside: 0, mode: "open",
    handIn: null, handedIn: null, lateItems: 0, ackCommand: 0, marks: [], at: 0, sideSeen: 0, lastServerMs: 0, lastDeviceMs: 0,
  };
}

/** The device keeps nothing more: full, private mode, or refused. */
export class StorageRefused extends Error {}

/** Throws `StorageRefused` from every method when the device does not keep things. */
export interface OutboxStore {
  find(attemptId: string): Promise<Kept | undefined>;
  put(kept: Kept): Promise<void>;
  patch(attemptId: string, change: Partial<Kept>): Promise<void>;
  ops(attemptId: string, fence: number): Promise<KeptOp[]>;
  /** Give the draft the next seq and head of its fence and keep it; one transaction, so two tabs cannot take one seq. */
  append(attemptId: string, fence: number, origin: Held, draft: Draft): Promise<KeptOp>;
  picture(attemptId: string, sha256: string): Promise<Blob | undefined>;
  keepPicture(attemptId: string, sha256: string, picture: Blob): Promise<void>;
  /** The result is durable: ops, paper and pictures go, result and receipt stay. */
  finish(attemptId: string, handedIn: SubmitOut): Promise<void>;
}

/** The op that a draft becomes after the last one of its fence. */
export function placed(attemptId: string, fence: number, last: Held, draft: Draft): KeptOp {
  const op = { ...draft, seq: last.seq + 1 };
  return { ...op, head: nextHead(last.head ?? firstHead(attemptId, fence), op, fence) };
}

type OpKey = [attemptId: string, fence: number, seq: number];
type PictureKey = [attemptId: string, sha256: string];

interface Schema extends DBSchema {
  sittings: { key: string; value: Kept };
  ops: { key: OpKey; value: KeptOp & { attemptId: string; fence: number } };
  pictures: { key: PictureKey; value: { attemptId: string; sha256: string; picture: Blob } };
}

const PROBE = "probe";
/** More than a long exam's ops need. */
const PROBE_BYTES = 262_144;

const STRICT = { durability: "strict" } as const;

export class IndexedOutbox implements OutboxStore {
  private opened: Promise<IDBPDatabase<Schema>> | null = null;

  constructor(private readonly name = "kaowu") {}

  async find(attemptId: string): Promise<Kept | undefined> {
    return this.on((db) => db.get("sittings", attemptId));
  }

  async put(kept: Kept): Promise<void> {
    await this.on((db) => db.put("sittings", kept));
  }

  async patch(attemptId: string, change: Partial<Kept>): Promise<void> {
    await this.on(async (db) => {
      const tx = db.transaction("sittings", "readwrite", STRICT);
      const kept = await tx.store.get(attemptId);
      if (kept) await tx.store.put({ ...kept, ...change });
      await tx.done;
    });
  }

  async ops(attemptId: string, fence: number): Promise<KeptOp[]> {
    return this.on((db) => db.getAll("ops", IDBKeyRange.bound([attemptId, fence, 0], [attemptId, fence, Infinity])));
  }

  async append(attemptId: string, fence: number, origin: Held, draft: Draft): Promise<KeptOp> {
    return this.on(async (db) => {
      const tx = db.transaction("ops", "readwrite", STRICT);
      const range = IDBKeyRange.bound([attemptId, fence, origin.seq + 1], [attemptId, fence, Infinity]);
      const last = (await tx.store.openCursor(range, "prev"))?.value ?? origin;
      const op = placed(attemptId, fence, last, draft);
      await tx.store.add({ ...op, attemptId, fence });
      await tx.done;
      return op;
    });
  }

  async picture(attemptId: string, sha256: string): Promise<Blob | undefined> {
    return this.on(async (db) => (await db.get("pictures", [attemptId, sha256]))?.picture);
  }

  async keepPicture(attemptId: string, sha256: string, picture: Blob): Promise<void> {
    await this.on((db) => db.put("pictures", { attemptId, sha256, picture }));
  }

  async finish(attemptId: string, handedIn: SubmitOut): Promise<void> {
    await this.on(async (db) => {
      const tx = db.transaction(["sittings", "ops", "pictures"], "readwrite", STRICT);
      const kept = await tx.objectStore("sittings").get(attemptId);
      if (kept) await tx.objectStore("sittings").put({ ...kept, handedIn, start: null });
      await tx.objectStore("ops").delete(IDBKeyRange.bound([attemptId], [attemptId, []]));
      await tx.objectStore("pictures").delete(IDBKeyRange.bound([attemptId], [attemptId, []]));
      await tx.done;
    });
  }

  /** Whether this device keeps what it is given; what was tried is taken away again. */
  async keepsThings(): Promise<boolean> {
    try {
      await this.keepPicture(PROBE, PROBE, new Blob([new Uint8Array(PROBE_BYTES)]));
      await this.on((db) => db.delete("pictures", [PROBE, PROBE]));
      return true;
    } catch {
      return false;
    }
  }

  private async on<T>(work: (db: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
    try {
      this.opened ??= openDB<Schema>(this.name, 1, {
        upgrade(db) {
          db.createObjectStore("sittings", { keyPath: "attemptId" });
          db.createObjectStore("ops", { keyPath: ["attemptId", "fence", "seq"] });
          db.createObjectStore("pictures", { keyPath: ["attemptId", "sha256"] });
        },
      });
      return await work(await this.opened);
    } catch (error) {
      this.opened = null;
      throw new StorageRefused(error instanceof Error ? error.name : "unknown");
    }
  }
}
