/** What a phone is looked at for before an exam: storage, clock, network, guards. Only missing storage blocks. */
import { call } from "@kit/api";
import { deviceStore } from "@kit/outbox/browser";
import { keepForGood } from "@kit/shell";
import type { MeOut } from "@kit/wire";

export interface Checked {
  readonly storage: boolean;
  /** Minutes that the phone's clock is off by. */
  readonly clockOff: number;
  readonly net: "ok" | "slow" | "none";
}

/** From this time there and back on a line is called slow. */
const SLOW_MS = 1_500;

export async function checkDevice(): Promise<Checked> {
  const storage = await deviceStore.keepsThings();
  if (storage) await keepForGood();
  const askedAt = performance.now();
  try {
    const { serverMs } = await call<MeOut>("GET", "/api/me");
    const took = performance.now() - askedAt;
    const off = Math.abs(Date.now() - took / 2 - serverMs);
    return { storage, clockOff: Math.round(off / 60_000), net: took > SLOW_MS ? "slow" : "ok" };
  } catch {
    return { storage, clockOff: 0, net: "none" };
  }
}
