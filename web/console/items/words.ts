/** Words and shapes around items: states, steps, refusals. */
import { Problem } from "@kit/api";

import { sayTrouble } from "../ask";
import type { Step } from "../ask.items";
import type { IconName } from "../parts/icons";
import { say } from "../say";

const STATES = ["draft", "reviewed", "approved", "retired"] as const;
type State = (typeof STATES)[number];
const isState = (state: string): state is State => (STATES as readonly string[]).includes(state);

export function sayState(state: string): string {
  return isState(state) ? say(`item.state.${state}`) : state;
}

const SHAPES: Record<State, IconName> = { draft: "pencil", reviewed: "eye", approved: "circle-check", retired: "ban" };
const TONES: Record<State, string> = { draft: "mid", reviewed: "lo", approved: "okk", retired: "" };

export const stateShape = (state: string): IconName => (isState(state) ? SHAPES[state] : "circle");
export const stateTone = (state: string): string => (isState(state) ? TONES[state] : "");

export const sayStep = (step: Step): string => say(`item.step.${step}`);
export const sayStepped = (step: Step, n: number): string => say(`item.stepped.${step}`, { n });

/** Why one item of many was refused, from the slug alone. */
export function sayRefused(slug: string): string {
  return sayTrouble(new Problem(slug, 409, {}, null));
}

/** 0b101 → A C. */
export function letters(key: number): string {
  let found = "";
  for (let i = 0; i < 26; i += 1) if ((key >> i) & 1) found += String.fromCharCode(65 + i);
  return found;
}

export const letter = (i: number): string => String.fromCharCode(65 + i);
