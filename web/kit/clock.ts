/**
 * The server's clock on this device: samples of server time against a monotonic counter.
 *
 * The device's own date and zone never enter, so a phone that is a day wrong shows the right time.
 */

/** One reading of the server's clock. */
export interface Sample {
  readonly serverMs: number;
  /** Monotonic ms when the question left. */
  readonly askedAt: number;
  /** Monotonic ms when the answer came. */
  readonly gotAt: number;
}

export interface ServerClock {
  /** Server ms at monotonic 0; null before the first sample. */
  readonly offset: number | null;
  /** How wrong the offset may be: half the way there and back. */
  readonly doubtMs: number;
  /** Monotonic ms when the offset was taken. */
  readonly takenAt: number;
}

export const NO_CLOCK: ServerClock = { offset: null, doubtMs: Infinity, takenAt: 0 };

/** A jump of the shown time from this size on is said aloud (时间已校准). */
export const NOTICED_MS = 2_000;

/** Clock drift assumed per elapsed ms: an old offset slowly loses against a fresh one. */
const DRIFT = 1 / 2_000;

/** The clock after a sample; `jumped` says that the person will see the time change. */
export function sampled(clock: ServerClock, sample: Sample): { clock: ServerClock; jumped: boolean } {
  const half = (sample.gotAt - sample.askedAt) / 2;
  const doubtMs = Math.max(1, half);
  const offset = sample.serverMs + half - sample.gotAt;
  const fresh: ServerClock = { offset, doubtMs, takenAt: sample.gotAt };
  if (clock.offset === null) return { clock: fresh, jumped: false };
  const apart = Math.abs(offset - clock.offset);
  const agedDoubt = clock.doubtMs + (sample.gotAt - clock.takenAt) * DRIFT;
  // Within what both can be wrong by, the better one stays: the shown time does not tremble.
  if (apart <= agedDoubt + doubtMs && agedDoubt <= doubtMs) return { clock, jumped: false };
  return { clock: fresh, jumped: apart >= NOTICED_MS };
}

/** A clock for a page that was reloaded without network: what was last known plus the time the device says went by. */
export function restored(lastServerMs: number, lastDeviceMs: number, deviceMs: number, mono: number): ServerClock {
  const away = Math.max(0, deviceMs - lastDeviceMs);
  return { offset: lastServerMs + away - mono, doubtMs: 60_000 + away, takenAt: mono };
}

export function serverNow(clock: ServerClock, mono: number): number | null {
  return clock.offset === null ? null : clock.offset + mono;
}

/** What the timer shows: stands still while paused, never below 0. */
export function remaining(clock: ServerClock, mono: number, time: { deadlineMs: number; pausedRemainingMs: number | null }): number | null {
  if (time.pausedRemainingMs !== null) return time.pausedRemainingMs;
  const now = serverNow(clock, mono);
  return now === null ? null : Math.max(0, time.deadlineMs - now);
}

/** `32:18`, or `1:02:18` from one hour on. Seconds are rounded up: 0:00 is shown only when it is over. */
export function clockText(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

const HOUR_MINUTE = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const WITH_SECONDS = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});
const DAY = new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Shanghai", year: "numeric", month: "2-digit", day: "2-digit" });

/** `10:05`, as the wall clock of the exam says. */
export const timeText = (ms: number): string => HOUR_MINUTE.format(ms);
export const timeWithSeconds = (ms: number): string => WITH_SECONDS.format(ms);
/** `2026-11-22` of an instant, as the exam's calendar says. */
export const dayText = (ms: number): string => DAY.format(ms);
