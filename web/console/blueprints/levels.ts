/** Difficulty in words. */
import { say } from "../say";

type Level = 1 | 2 | 3 | 4 | 5;

/** One level, or a range such as `2-4`: the number stands beside the word, so that lists can be compared. */
export function sayLevel(level: string): string {
  if (level === "") return say("blueprint.level.any");
  const [from, to] = level.split("-");
  if (to === undefined) return `${from} ${word(from)}`;
  return `${from}–${to} ${say("blueprint.level.range", { from: word(from), to: word(to) })}`;
}

function word(level: string | undefined): string {
  return say(`blueprint.level.${(level ?? "3") as unknown as Level}`);
}

/** Difficulty in 1/100 as people read it: 3.24. */
export const sayMean = (centi: number): string => (centi / 100).toFixed(2);
