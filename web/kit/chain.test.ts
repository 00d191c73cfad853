/** The phone's chain against the vectors that the service's chain is tested with. */
import { readFileSync } from "node:fs";

import { bytesToHex } from "@noble/hashes/utils.js";
import { describe, expect, it } from "vitest";

import { firstHead, nextHead, OP_BYTES, pack, type Op } from "./chain";

interface Vector {
  name: string;
  attempt: string;
  fence: number;
  base: number;
  ops: (Op & { packed: string })[];
  heads: string[];
}

const golden = JSON.parse(readFileSync(new URL("../../tests/golden/chain.json", import.meta.url), "utf8")) as {
  chains: Vector[];
};

describe.each(golden.chains)("$name", ({ attempt, fence, base, ops, heads }) => {
  it("packs every op as the service does", () => {
    expect(ops.map((op) => bytesToHex(pack(op, fence)))).toEqual(ops.map((op) => op.packed));
  });

  it("reaches the same heads", () => {
    const made = [base === 0 ? firstHead(attempt, fence) : (heads[0] ?? "")];
    for (const op of ops) made.push(nextHead(made.at(-1) ?? "", op, fence));
    expect(made).toEqual(heads);
  });
});

it("packs client times beyond 32 bits without loss", () => {
  const op: Op = { seq: 1, kind: 1, slot: 0, version: "0".repeat(32), mask: 2 ** 26 - 1, clientMs: 2 ** 53 - 1 };
  expect(bytesToHex(pack(op, 2 ** 32 - 1)).slice(-16)).toBe("001fffffffffffff");
  expect(pack(op, 1)).toHaveLength(OP_BYTES);
});
