/** Keys as letters, figures as people read them, and where a score lies on the line of the pass mark. Pure but for the words. */
import type { ItemFigures, MovedRow, RulingCorrection, Remedy } from "../ask.rescoring";
import { say } from "../say";

/** `A`, `BD`: the options of a mask. */
export function letters(mask: number): string {
  const found: string[] = [];
  for (let place = 0; mask >> place; place += 1) if ((mask >> place) & 1) found.push(String.fromCharCode(65 + place));
  return found.join("");
}

/** `0.42`, `−0.10`; a dash where a figure is not defined. */
export function figure(value: number | null, places = 2): string {
  return value === null ? "–" : value.toFixed(places).replace("-", "−");
}

/** The options a mask names, with their words. */
export function withWords(mask: number, options: readonly string[]): string {
  return options.flatMap((text, place) => ((mask >> place) & 1 ? [`${String.fromCharCode(65 + place)} ${text}`] : [])).join("、");
}

export function sayFlag(flag: string): string {
  return flag === "few" || flag === "easy" || flag === "hard" || flag === "weak" || flag === "suspect_key" || flag === "idle_option"
    ? say(`stats.flag.${flag}`)
    : flag;
}

export function sayCorrected(by: string): string {
  return by === "key_changed" || by === "keys_accepted" || by === "voided" ? say(`stats.corrected.${by}`) : "";
}

export const suspects = (items: readonly ItemFigures[]): number => items.filter((one) => one.flags.includes("suspect_key")).length;

/** A remedy as the wire takes it. */
export function correctionOf(version: string, remedy: Remedy, key: number, newKey: number | null): RulingCorrection {
  if (remedy === "new_key" && newKey !== null) return { version, remedy, keys: [newKey] };
  if (remedy === "accept_several" && newKey !== null) return { version, remedy, keys: [key, newKey] };
  return { version, remedy, keys: [] };
}

/** What a stored correction does, in words. */
export function sayCorrection(one: { itemId: string; remedy: string; keys: readonly number[] }): string {
  return `${one.itemId}：${sayRemedy(one)}`;
}

function sayRemedy(one: { remedy: string; keys: readonly number[] }): string {
  const keys = one.keys.map(letters).join(` ${say("rulings.or")} `);
  if (one.remedy === "new_key" || one.remedy === "accept_several") return say(`rulings.remedy.${one.remedy}`, { keys });
  return one.remedy === "full_marks" ? say("rulings.remedy.full_marks") : say("rulings.remedy.remove_rescale");
}

export type Turn = "won" | "lost" | "none";

export function turnOf(row: MovedRow): Turn {
  if (row.passedBefore === row.passesAfter) return "none";
  return row.passesAfter ? "won" : "lost";
}

/** The stretch of scores that the arrows are drawn on: the pass mark in the middle, everybody on it. */
export function reachOf(rows: readonly MovedRow[], passCenti: number): number {
  const far = rows.flatMap((row) => [Math.abs(row.beforeCenti - passCenti), Math.abs(row.afterCenti - passCenti)]);
  return Math.max(250, ...far.map((one) => Math.ceil(one / 80) * 100));
}

/** Percent from the left. */
export function placeOn(centi: number, passCenti: number, reach: number): number {
  return 50 + ((centi - passCenti) / reach) * 46;
}
