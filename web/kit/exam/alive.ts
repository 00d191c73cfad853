/** How long this page could not answer: it stamps the device every second, so the next page knows when it died. */

const EVERY_MS = 1_000;
/** Shorter gaps are the life of a reload. */
const WORTH_MS = 15_000;
const DAY_MS = 86_400_000;

export interface Stamps {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

const keyOf = (attemptId: string): string => `kaowu-alive-${attemptId}`;

/** Time since the last stamp of an earlier page; 0 where there is none, or none worth telling. */
export function deadSince(attemptId: string, stamps: Stamps, deviceMs: number): number {
  try {
    const stamp = Number(stamps.getItem(keyOf(attemptId)) ?? 0);
    const dead = deviceMs - stamp;
    return stamp > 0 && dead >= WORTH_MS && dead < DAY_MS ? dead : 0;
  } catch {
    return 0; // a device that keeps nothing cannot tell
  }
}

/** Stamp from now on; gives the way to stop. With `over` the stamp goes: the attempt needs none any more. */
export function stampAlive(attemptId: string, stamps: Stamps, device: () => number): (over: boolean) => void {
  function stamp(): void {
    try {
      stamps.setItem(keyOf(attemptId), String(device()));
    } catch {
      return; // the server's own silence is the bound then
    }
  }
  stamp();
  const timer = setInterval(stamp, EVERY_MS);
  return (over) => {
    clearInterval(timer);
    try {
      if (over) stamps.removeItem(keyOf(attemptId));
    } catch {
      return;
    }
  };
}
