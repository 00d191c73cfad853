/** Where an agreement of two persons stands. Pure. */
import type { Agreement } from "../ask.audit";

export type Standing = "waiting" | "agreed" | "declined" | "withdrawn" | "used" | "over";

export function standingOf(one: Pick<Agreement, "answer" | "usedMs" | "untilMs">, nowMs: number): Standing {
  if (one.usedMs > 0) return "used";
  if (one.answer === "declined" || one.answer === "withdrawn") return one.answer;
  if (nowMs >= one.untilMs) return "over";
  return one.answer === "agreed" ? "agreed" : "waiting";
}
