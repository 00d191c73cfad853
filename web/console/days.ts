/** Instants as people in the province read them: always China standard time, whatever the computer's zone is. */

/** China has one zone and no summer time. */
const CHINA_OFFSET_MS = 8 * 3_600_000;

const two = (n: number): string => String(n).padStart(2, "0");

function inChina(ms: number): Date {
  return new Date(ms + CHINA_OFFSET_MS);
}

/** `2026-11-22` */
export function day(ms: number): string {
  const d = inChina(ms);
  return `${d.getUTCFullYear()}-${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())}`;
}

/** `09:30` */
export function hourMinute(ms: number): string {
  const d = inChina(ms);
  return `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`;
}

/** `09:30:08` */
export function clockTime(ms: number): string {
  return `${hourMinute(ms)}:${two(inChina(ms).getUTCSeconds())}`;
}

/** `2026-11-22 09:30` */
export function dayTime(ms: number): string {
  return `${day(ms)} ${hourMinute(ms)}`;
}

/** What a `datetime-local` field shows for an instant. */
export function fieldValue(ms: number): string {
  return `${day(ms)}T${hourMinute(ms)}`;
}

/** The instant a `datetime-local` field means, or null while it is empty or half typed. */
export function fieldInstant(value: string): number | null {
  const found = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})/.exec(value);
  if (!found) return null;
  const [year = 0, month = 0, date = 0, hour = 0, minute = 0] = found.slice(1).map(Number);
  return Date.UTC(year, month - 1, date, hour, minute) - CHINA_OFFSET_MS;
}

/** `26:40`, or `1:26:40` from an hour on; never below zero. */
export function span(ms: number): string {
  const s = Math.max(0, Math.ceil(ms / 1000));
  const rest = `${two(Math.floor((s % 3600) / 60))}:${two(s % 60)}`;
  return s >= 3600 ? `${Math.floor(s / 3600)}:${rest}` : rest;
}

/** Scores come in 1/100 point: `84`, `83.5`, `66.67`. */
export function points(centi: number): string {
  const whole = Math.trunc(centi / 100);
  const rest = Math.abs(centi % 100);
  return rest === 0 ? String(whole) : `${whole}.${two(rest).replace(/0$/, "")}`;
}
