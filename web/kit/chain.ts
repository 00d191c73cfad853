/**
 * Ops as canonical bytes and the chain of hashes over them, byte for byte what exam_api/attempt/chain.py computes.
 *
 * SHA-256 comes from a library and is synchronous, so a head can be made inside a storage transaction and also on
 * pages without `crypto.subtle`.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";

/** One recorded change, as this device made it. */
export interface Op {
  readonly seq: number;
  /** `ANSWER` or `HAND_IN`. */
  readonly kind: number;
  readonly slot: number;
  /** Item version, 32 hex digits; zeros for a hand-in. */
  readonly version: string;
  /** Chosen canonical options; 0 clears the answer. */
  readonly mask: number;
  /** This device's own clock: a claim, never used for a decision. */
  readonly clientMs: number;
}

export const ANSWER = 1;
export const HAND_IN = 2;

/** Version of a hand-in, which belongs to no item. */
export const NO_VERSION = "0".repeat(32);

/** Length of one canonical op. */
export const OP_BYTES = 39;

const DOMAIN = utf8ToBytes("kaowu-chain-1");

/** The canonical bytes of one op: fence u32 · seq u32 · kind u8 · slot u16 · version · mask u32 · client ms u64. */
export function pack(op: Op, fence: number): Uint8Array {
  const bytes = new Uint8Array(OP_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, fence);
  view.setUint32(4, op.seq);
  view.setUint8(8, op.kind);
  view.setUint16(9, op.slot);
  bytes.set(hexToBytes(op.version), 11);
  view.setUint32(27, op.mask);
  // Milliseconds pass 2^32 but never 2^53: the two halves are exact.
  view.setUint32(31, Math.floor(op.clientMs / 0x1_0000_0000));
  view.setUint32(35, op.clientMs >>> 0);
  return bytes;
}

/** The head before the first op of a fence. */
export function firstHead(attemptId: string, fence: number): string {
  const four = new Uint8Array(4);
  new DataView(four.buffer).setUint32(0, fence);
  return bytesToHex(sha256(concatBytes(DOMAIN, hexToBytes(attemptId.replaceAll("-", "")), four)));
}

/** The head after one more op. */
export function nextHead(head: string, op: Op, fence: number): string {
  return bytesToHex(sha256(concatBytes(hexToBytes(head), pack(op, fence))));
}
