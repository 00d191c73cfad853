/** What a tap makes of an answer, and how an item, its options and its worth are named. Values only. */
import type { Kind, PaperItem, PaperOption } from "../wire";

export const isChosen = (mask: number, bit: number): boolean => (mask & (1 << bit)) !== 0;

/** The mask after a tap on an option: one-of-many never becomes empty by a tap, many-of-many turns. */
export function tapped(kind: Kind, mask: number, bit: number): number {
  return kind === "multi" ? mask ^ (1 << bit) : 1 << bit;
}

export function chosenCount(mask: number): number {
  let count = 0;
  for (let rest = mask; rest; rest &= rest - 1) count += 1;
  return count;
}

const RIGHT = /^(对|正确|√|是|true|right|correct)/i;
const WRONG = /^(错|×|否|不正确|false|wrong|incorrect)/i;

/** The letter of an option by its place; true/false items bear 对 and 错 instead. */
export function letterOf(item: Pick<PaperItem, "kind">, option: Pick<PaperOption, "text">, place: number): string {
  if (item.kind === "judge") {
    if (WRONG.test(option.text.trim())) return "错";
    if (RIGHT.test(option.text.trim())) return "对";
  }
  return String.fromCharCode(65 + place);
}

/** `2`, `0.5`, `84`: points from 1/100 points, without a float in between. */
export function pointsText(centi: number): string {
  const sign = centi < 0 ? "-" : "";
  const whole = Math.floor(Math.abs(centi) / 100);
  const rest = Math.abs(centi) % 100;
  if (!rest) return `${sign}${whole}`;
  const two = String(rest).padStart(2, "0");
  return `${sign}${whole}.${two.endsWith("0") ? two[0] : two}`;
}

/** A policy's name and its step in 1/100 point: `partial_per_option:50`. */
export function policyParts(policy: string): { rule: string; stepCenti: number } {
  const [rule = "", step = "0"] = policy.split(":");
  return { rule, stepCenti: Number(step) };
}
