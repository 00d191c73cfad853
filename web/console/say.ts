/** The console's words. */
import type { Problem } from "@kit/api";
import { language, speak, translator } from "@kit/i18n";

import { en } from "./messages/en";
import { zh } from "./messages/zh";
import type { Says } from "./wire";

export const say = translator(zh, en);
export type Key = keyof typeof zh;

/** Words that the service chose, in the language of the page. */
export function says(text: Says): string {
  return language.value === "zh" ? text.zh : text.en;
}

export function switchLanguage(): void {
  speak(language.value === "zh" ? "en" : "zh");
}

/** Messages of problems take no values; a reason that the service names has words of its own. */
type ProblemKey = Extract<Key, `problem.${string}`>;
const PROBLEMS: ReadonlySet<string> = new Set(Object.keys(zh).filter((key) => key.startsWith("problem.")));

type ReasonKey = Extract<Key, `reason.${string}`>;
const REASONS: ReadonlySet<string> = new Set(Object.keys(zh).filter((key) => key.startsWith("reason.")));

export function sayProblem(problem: Problem): string {
  const key = `problem.${problem.slug}`;
  const words = PROBLEMS.has(key)
    ? say(key as Exclude<ProblemKey, "problem.other">)
    : say("problem.other", { slug: problem.slug });
  const reason = `reason.${problem.text("reason")}`;
  return REASONS.has(reason) ? `${words}${language.value === "zh" ? "：" : ": "}${say(reason as ReasonKey)}` : words;
}

/** The kinds of items as people call them. */
export function sayKind(kind: string | null): string {
  if (kind === "single" || kind === "multi" || kind === "judge") return say(`kind.${kind}`);
  return say("kind.set");
}

/** A marking policy's stable text, in words: docs/marking.md §2. */
export function sayPolicy(policy: string): string {
  const [rule = "", step = "0"] = policy.split(":");
  if (rule === "partial_per_option") return say("policy.partial_per_option", { n: Number(step) / 100 });
  if (rule === "minus_per_miss") return say("policy.minus_per_miss", { n: Number(step) / 100 });
  if (rule === "proportional" || rule === "half_if_subset" || rule === "all_or_nothing") return say(`policy.${rule}`);
  return policy;
}
