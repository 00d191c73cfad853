/** Sealed papers against the vector that the service seals, and every way in which the start does without them. */
import { readFileSync } from "node:fs";

import { hexToBytes } from "@noble/hashes/utils.js";
import { afterEach, describe, expect, it, vi } from "vitest";

import { Problem } from "./api";
import { bringSealed, canOpen, mayComeLater, opened, startOpened, type Bundle, type Shelf } from "./sealed";
import type { Paper, StartIn, StartOut } from "./wire";

const golden = JSON.parse(readFileSync(new URL("../../tests/golden/sealed.json", import.meta.url), "utf8")) as {
  attempt: string;
  paper: string;
  digest: string;
  sealed: string;
  key: string;
};
const PAPER = JSON.parse(golden.paper) as Paper;
const BUNDLE: Bundle = { attemptId: golden.attempt, digest: golden.digest, sealed: bytesOf(golden.sealed) };
const ASK = { attemptId: golden.attempt, storageKey: "0".repeat(32), takeover: false, takeoverCode: "" };

function bytesOf(hex: string): ArrayBuffer {
  return hexToBytes(hex).slice().buffer;
}

class MemoryShelf implements Shelf {
  constructor(public held?: Bundle) {}
  find = (): Promise<Bundle | undefined> => Promise.resolve(this.held);
  keep = (bundle: Bundle): Promise<void> => Promise.resolve(void (this.held = bundle));
  drop = (): Promise<void> => Promise.resolve(void (this.held = undefined));
}

/** A service that knows one bundle by its name, as the real one does. */
function service(known = golden.digest, key = golden.key) {
  const asked: string[] = [];
  const pictures = new Map<string, Blob>();
  return {
    asked,
    pictures,
    ask: (body: StartIn): Promise<StartOut> => {
      asked.push(body.sealedDigest);
      const sealed = known !== "" && body.sealedDigest === known;
      return Promise.resolve({ paper: sealed ? null : PAPER, paperKey: sealed ? key : null, fence: 1 } as StartOut);
    },
    keepPicture: (sha256: string, picture: Blob): Promise<void> => Promise.resolve(void pictures.set(sha256, picture)),
  };
}

afterEach(() => vi.unstubAllGlobals());

describe("a bundle", () => {
  it("opens with its key to the paper and the pictures that the service sealed", async () => {
    const { paper, pictures } = await opened(BUNDLE, golden.key);
    expect(paper).toEqual(PAPER);
    expect(pictures.map((one) => [one.sha256, one.picture.type])).toEqual([["ab".repeat(32), "image/png"]]);
    expect([...new Uint8Array(await (pictures[0]?.picture.arrayBuffer() ?? new ArrayBuffer(0)))]).toEqual(Array.from({ length: 256 }, (_, n) => n));
  });

  it.each([
    ["with another key", BUNDLE, "0".repeat(64)],
    ["for another attempt", { ...BUNDLE, attemptId: golden.attempt.replace("0f", "1f") }, golden.key],
    ["under another name", { ...BUNDLE, digest: golden.digest.slice(0, -1) + "0" }, golden.key],
    ["cut short", { ...BUNDLE, sealed: BUNDLE.sealed.slice(0, -1) }, golden.key],
  ])("does not open %s", async (_name, bundle, key) => {
    await expect(opened(bundle, key)).rejects.toThrow();
  });
});

describe("a start", () => {
  it("opens what lies here and keeps its pictures; the key is not kept", async () => {
    const shelf = new MemoryShelf(BUNDLE);
    const world = service();
    const out = await startOpened(ASK, { shelf, ...world });
    expect(out).toMatchObject({ paper: PAPER, paperKey: null, fence: 1 });
    expect(world.asked).toEqual([golden.digest]);
    expect([...world.pictures.keys()]).toEqual(["ab".repeat(32)]);
    expect(shelf.held).toBeUndefined();
  });

  it("takes the paper from the reply when the service knows the bundle no more", async () => {
    const shelf = new MemoryShelf(BUNDLE);
    const world = service("");
    expect((await startOpened(ASK, { shelf, ...world })).paper).toEqual(PAPER);
    expect(world.asked).toHaveLength(1);
    expect(shelf.held).toBeUndefined();
  });

  it.each([
    ["the key does not open it", BUNDLE, "0".repeat(64)],
    ["the bundle is damaged", { ...BUNDLE, sealed: new ArrayBuffer(40) }, golden.key],
    ["the key is no key", BUNDLE, "zz"],
  ])("asks for the plain paper when %s", async (_name, bundle, key) => {
    const world = service(golden.digest, key);
    expect((await startOpened(ASK, { shelf: new MemoryShelf(bundle), ...world })).paper).toEqual(PAPER);
    expect(world.asked).toEqual([golden.digest, ""]);
  });

  it("is a plain start where nothing lies here, or the storage does not answer", async () => {
    const broken = Object.assign(new MemoryShelf(), { find: () => Promise.reject(new Error("gone")) });
    for (const shelf of [new MemoryShelf(), broken]) {
      const world = service();
      expect((await startOpened(ASK, { shelf, ...world })).paper).toEqual(PAPER);
      expect(world.asked).toEqual([""]);
    }
  });

  it("that is refused leaves the bundle where it is", async () => {
    const shelf = new MemoryShelf(BUNDLE);
    const refused = new Problem("not-yet-open", 409, {}, null);
    await expect(startOpened(ASK, { ...service(), shelf, ask: () => Promise.reject(refused) })).rejects.toBe(refused);
    expect(shelf.held).toBe(BUNDLE);
  });
});

describe("a page that cannot open anything", () => {
  it.each(["crypto", "DecompressionStream"])("fetches nothing and starts plainly: no %s", async (lacking) => {
    vi.stubGlobal(lacking, undefined);
    const world = service();
    const shelf = new MemoryShelf(BUNDLE);
    expect(canOpen()).toBe(false);
    expect(await bringSealed(golden.attempt, shelf)).toBe(false);
    expect((await startOpened(ASK, { shelf, ...world })).paper).toEqual(PAPER);
    expect(world.asked).toEqual([""]);
  });
});

describe("the waiting room", () => {
  it("brings the bundle once and keeps it under the name that came with it", async () => {
    const shelf = new MemoryShelf();
    const fetched = vi.fn(() => Promise.resolve(new Response(BUNDLE.sealed, { headers: { "x-sealed-digest": golden.digest } })));
    vi.stubGlobal("fetch", fetched);
    vi.stubGlobal("location", { origin: "http://kaowu.test" });
    expect(await bringSealed(golden.attempt, shelf)).toBe(true);
    expect(await bringSealed(golden.attempt, shelf)).toBe(true);
    expect(fetched).toHaveBeenCalledTimes(1);
    expect(shelf.held).toMatchObject({ attemptId: golden.attempt, digest: golden.digest });
    expect((await opened(shelf.held as Bundle, golden.key)).paper).toEqual(PAPER);
  });

  it("asks again after what passes, not after a refusal that stays", () => {
    const problem = (slug: string, status: number): Problem => new Problem(slug, status, {}, null);
    expect([problem("not-yet-open", 409), problem("live-away", 503)].map(mayComeLater)).toEqual([true, true]);
    expect([problem("sealed-too-often", 429), problem("not-your-attempt", 404), new Error("full")].map(mayComeLater)).toEqual([false, false, false]);
  });
});
