/** Sentences about gaps and what was given for them. */
import type { CreditRow, LostTimeRow } from "../ask.fair";
import { clockTime, day, span } from "../days";
import type { IconName } from "../parts/icons";
import { say } from "../say";

/** What was lost and from when to when. */
export function sayGap(row: LostTimeRow): string {
  const words = { time: span(row.lostMs), from: clockTime(row.fromMs), to: clockTime(row.toMs) };
  if (row.cause === "start-blocked") return say("lost.start-blocked", words);
  return row.cause === "paper-blocked" ? say("lost.paper-blocked", words) : say("lost.page-dead", words);
}

/** Why one could not answer; empty where the whole service was away. */
export function sayCause(cause: string): string {
  return cause === "page-dead" || cause === "start-blocked" || cause === "paper-blocked" ? say(`credits.cause.${cause}`) : "";
}

export function sayState(row: LostTimeRow): string {
  const { state } = row;
  return state === "wait" || state === "ask" || state === "asked" || state === "given" || state === "declined" ? say(`credits.state.${state}`) : state;
}

export const SHAPES: Record<string, IconName> = { wait: "activity", ask: "clock", asked: "hand", given: "circle-check", declined: "circle-x" };

/** By rule, by whom, or taken back. */
export function sayKind(row: CreditRow): string {
  const { kind } = row;
  return kind === "room" || kind === "service" || kind === "staff" || kind === "declined" || kind === "debit" ? say(`credits.kind.${kind}`) : kind;
}

/** `+4:00`, `−1:30`, `0:00`: minutes and seconds. */
export function sayGiven(ms: number): string {
  const sign = ms > 0 ? "+" : ms < 0 ? "−" : "";
  return `${sign}${span(Math.abs(ms))}`;
}

/** Whether the audit's day with the entry is signed, and which line of it that is; the day where it is not the entry's own. */
export function sayEntered(row: CreditRow): string {
  if (row.auditDay === "") return say("credits.entered.none");
  const line = row.auditDay === day(row.atMs) ? String(row.auditNo) : `${row.auditDay} / ${row.auditNo}`;
  return say(row.sealedMs > 0 ? "credits.entered.sealed" : "credits.entered.open", { line });
}
