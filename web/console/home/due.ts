/** What the home screen says about each thing that waits, and where its button leads. Pure but for the words and rights of the person. */
import type { components } from "@kit/api.gen";

import { day, hourMinute } from "../days";
import { mayI } from "../me";
import type { IconName } from "../parts/icons";
import { say } from "../say";

export type Due = components["schemas"]["DueOut"];
export type DueKind = Due["kind"];

export interface Told {
  sentence: string;
  /** What the button does. */
  act: string;
  to: string;
  icon: IconName;
  tone: "plain" | "warn" | "bad";
}

const DAY_MS = 86_400_000;

/** `今天 14:30`, `明天 09:30`, `2026-11-30 09:30`. */
export function sayWhen(atMs: number, nowMs: number): string {
  const time = hourMinute(atMs);
  if (day(atMs) === day(nowMs)) return say("home.today", { time });
  if (day(atMs) === day(nowMs + DAY_MS)) return say("home.tomorrow", { time });
  return `${day(atMs)} ${time}`;
}

type Way = { to: (due: Due) => string; icon: IconName; tone?: Told["tone"] };
const WAYS: Record<DueKind, Way> = {
  "session-running": { to: (due) => (due.id ? `/sessions/${due.id}/live` : "/sessions"), icon: "play" },
  "session-soon": { to: (due) => (due.id ? `/sessions/${due.id}` : "/sessions"), icon: "clock" },
  "session-no-roster": { to: (due) => (due.id ? `/sessions/${due.id}` : "/sessions"), icon: "users", tone: "warn" },
  "session-unopened": { to: (due) => (due.id ? `/sessions/${due.id}` : "/sessions"), icon: "pencil", tone: "warn" },
  "lost-time-open": { to: (due) => (due.id ? `/sessions/${due.id}/live` : mayI("see-credits") ? "/credits" : "/sessions"), icon: "clock", tone: "warn" },
  "late-open": { to: () => "/late", icon: "inbox" },
  "items-to-review": { to: () => "/items", icon: "pencil" },
  "items-to-approve": { to: () => "/items", icon: "check" },
  "items-returned": { to: () => "/items", icon: "pencil" },
  "complaints-open": { to: () => "/complaints", icon: "message" },
  "rulings-to-agree": { to: () => "/rulings", icon: "users" },
  "reviews-open": { to: () => "/reviews", icon: "search" },
  "corrections-open": { to: () => "/corrections", icon: "pencil" },
  "erasures-open": { to: () => "/corrections", icon: "trash" },
  "agreements-open": { to: () => "/agreements", icon: "users" },
  "accounts-without-factor": { to: () => "/staff", icon: "key", tone: "warn" },
  "own-factor-missing": { to: () => "/account", icon: "key", tone: "warn" },
  "audit-broken": { to: () => "/audit", icon: "circle-x", tone: "bad" },
  "live-away": { to: () => "", icon: "cloud-off", tone: "bad" },
  "record-away": { to: () => "", icon: "cloud-off", tone: "bad" },
};

export function told(due: Due, nowMs: number): Told {
  const way = WAYS[due.kind];
  return { sentence: sentence(due, nowMs), act: say(`home.do.${due.kind}`), to: way.to(due), icon: way.icon, tone: way.tone ?? "plain" };
}

function sentence(due: Due, nowMs: number): string {
  const { kind, n, title } = due;
  if (kind === "lost-time-open") return due.id ? say("home.due.lost-time-open", { title, n }) : say("home.many.lost-time-open", { n });
  if (kind === "session-running") return due.id ? say("home.due.session-running", { title }) : say("home.many.session-running", { n });
  if (kind === "session-soon" || kind === "session-no-roster" || kind === "session-unopened") {
    const at = sayWhen(due.atMs, nowMs);
    return due.id ? say(`home.due.${kind}`, { title, at }) : say(`home.many.${kind}`, { n, at });
  }
  if (kind === "own-factor-missing" || kind === "live-away" || kind === "record-away" || kind === "audit-broken") return say(`home.due.${kind}`);
  return say(`home.due.${kind}`, { n });
}
