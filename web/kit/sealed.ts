/**
 * Sealed papers: fetched in the waiting room, kept on this device unread, opened with the key that the start brings.
 * Whatever goes wrong with them, the start without them works as ever.
 */
import { hexToBytes } from "@noble/hashes/utils.js";
import { openDB, type DBSchema, type IDBPDatabase } from "idb";

import { callWithHeader, NoAnswer, Problem } from "./api";
import type { Opened, Paper, StartIn, StartOut } from "./wire";

/** The nonce stands at the front of a bundle's name. */
const NONCE_BYTES = 12;
const HEADER = "x-sealed-digest";

export interface Bundle {
  readonly attemptId: string;
  /** Names the bundle, 64 hex digits. */
  readonly digest: string;
  readonly sealed: ArrayBuffer;
}

export interface Unsealed {
  readonly paper: Paper;
  readonly pictures: readonly { readonly sha256: string; readonly picture: Blob }[];
}

export interface Shelf {
  find(attemptId: string): Promise<Bundle | undefined>;
  /** Keep this bundle and no other: a device waits for one exam at a time. */
  keep(bundle: Bundle): Promise<void>;
  drop(attemptId: string): Promise<void>;
}

interface Head {
  paper: Paper;
  pictures: { sha256: string; mime: string; bytes: number }[];
}

interface Schema extends DBSchema {
  bundles: { key: string; value: Bundle };
}

/** Whether this page can open sealed papers: a secure context and a browser of the last years. */
export function canOpen(): boolean {
  const page = globalThis as { crypto?: { subtle?: unknown }; DecompressionStream?: unknown };
  return page.crypto?.subtle !== undefined && page.DecompressionStream !== undefined;
}

/** Open a bundle. Rejects when the key is not its key, or anything in it was changed. */
export async function opened({ attemptId, digest, sealed }: Bundle, keyHex: string): Promise<Unsealed> {
  const name = hexToBytes(digest);
  const key = await crypto.subtle.importKey("raw", hexToBytes(keyHex), "AES-GCM", false, ["decrypt"]);
  const additionalData = hexToBytes(attemptId.replaceAll("-", "") + digest);
  const packed = await crypto.subtle.decrypt({ name: "AES-GCM", iv: name.slice(0, NONCE_BYTES), additionalData }, key, sealed);
  const plain = await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  const length = new DataView(plain).getUint32(0);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(plain, 4, length))) as Head;
  let end = 4 + length;
  const pictures = head.pictures.map(({ sha256, mime, bytes }) => {
    const from = end;
    end += bytes;
    return { sha256, picture: new Blob([plain.slice(from, end)], { type: mime }) };
  });
  return { paper: head.paper, pictures };
}

/** Bring the paper here if it is not; tells whether it is here now. Throws `Problem`, `NoAnswer` or the storage's refusal. */
export async function bringSealed(attemptId: string, shelf: Shelf = sealedShelf): Promise<boolean> {
  if (!canOpen()) return false;
  if (await shelf.find(attemptId)) return true;
  const { bytes, value } = await callWithHeader(`/api/my/exams/${attemptId}/sealed`, HEADER);
  if (!value) return false;
  await shelf.keep({ attemptId, digest: value, sealed: bytes });
  return true;
}

interface StartWorld {
  readonly shelf: Shelf;
  readonly ask: (body: StartIn) => Promise<StartOut>;
  readonly keepPicture: (sha256: string, picture: Blob) => Promise<void>;
}

/** Start with the paper that lies here, else with the one that the service sends. Throws what `ask` throws. */
export async function startOpened(body: Omit<StartIn, "sealedDigest">, world: StartWorld): Promise<Opened> {
  const { shelf, ask } = world;
  const bundle = canOpen() ? await shelf.find(body.attemptId).catch(() => undefined) : undefined;
  if (bundle) {
    const out = await ask({ ...body, sealedDigest: bundle.digest });
    const paper = out.paper ?? (await unsealed(bundle, out.paperKey ?? "", world));
    // It has done its part, or the service knows it no more.
    await shelf.drop(body.attemptId).catch(() => undefined);
    if (paper) return { ...out, paper, paperKey: null };
  }
  const out = await ask({ ...body, sealedDigest: "" });
  if (!out.paper) throw new NoAnswer("a start without a paper");
  return { ...out, paper: out.paper, paperKey: null };
}

async function unsealed(bundle: Bundle, key: string, { keepPicture }: StartWorld): Promise<Paper | null> {
  try {
    const { paper, pictures } = await opened(bundle, key);
    for (const { sha256, picture } of pictures) await keepPicture(sha256, picture).catch(() => undefined);
    return paper;
  } catch {
    return null;
  }
}

/** Whether asking again later may help. */
export const mayComeLater = (error: unknown): boolean => error instanceof NoAnswer || (error instanceof Problem && (error.status >= 500 || error.slug === "not-yet-open"));

class IndexedShelf implements Shelf {
  private db: Promise<IDBPDatabase<Schema>> | null = null;

  async find(attemptId: string): Promise<Bundle | undefined> {
    return (await this.open()).get("bundles", attemptId);
  }

  async keep(bundle: Bundle): Promise<void> {
    const tx = (await this.open()).transaction("bundles", "readwrite");
    await Promise.all([tx.store.clear(), tx.store.put(bundle), tx.done]);
  }

  async drop(attemptId: string): Promise<void> {
    await (await this.open()).delete("bundles", attemptId);
  }

  private async open(): Promise<IDBPDatabase<Schema>> {
    try {
      // Beside the outbox's: what lies here can always be fetched again.
      this.db ??= openDB<Schema>("kaowu-sealed", 1, { upgrade: (db) => void db.createObjectStore("bundles", { keyPath: "attemptId" }) });
      return await this.db;
    } catch (error) {
      this.db = null;
      throw error;
    }
  }
}

export const sealedShelf: Shelf = new IndexedShelf();
