/** Shared words as a function, and refusals in words that a candidate can use. */
import { NoAnswer, Problem } from "./api";
import { timeText } from "./clock";
import { translator } from "./i18n";
import { en } from "./messages/en";
import { zh } from "./messages/zh";

export const say = translator(zh, en);

export type KitKey = keyof typeof zh;

const minutes = (ms: number | null): number => Math.max(1, Math.ceil((ms ?? 60_000) / 60_000));

/** What went wrong and what to do, in plain words; the service's own detail is never shown. */
export function sayProblem(error: unknown): string {
  if (error instanceof NoAnswer) return say("problem.no-answer");
  if (!(error instanceof Problem)) return say("problem.other");
  switch (error.slug) {
    case "too-many-codes":
    case "too-many-failures":
      return say(`problem.${error.slug}`, { n: minutes(error.number("waitMs") ?? error.waitMs) });
    case "too-early":
      return say("problem.too-early", { time: timeText(error.number("untilMs") ?? 0) });
    case "login-refused":
    case "not-logged-in":
    case "not-yet-open":
    case "too-late-to-enter":
    case "not-your-attempt":
    case "takeover-needed":
    case "takeover-code-wrong":
    case "already-closed":
      return say(`problem.${error.slug}`);
    default:
      return error.status === 503 || error.status === 429 ? say("problem.busy") : say("problem.other");
  }
}

/** What went wrong, as a screen shows it. */
export interface Trouble {
  /** Plain words, with what to do. */
  readonly text: string;
  /** By which the service's log knows the refused call; empty where it refused none: no network, a field left empty. */
  readonly reference: string;
}

/** A call that was refused or not answered, as a screen shows it; `text` where the screen knows better words. */
export function troubleOf(error: unknown, text = sayProblem(error)): Trouble {
  return { text, reference: error instanceof Problem ? error.reference : "" };
}

/** What the page itself asks to be put right. */
export function troubleIn(text: string): Trouble {
  return { text, reference: "" };
}
