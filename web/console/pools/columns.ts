/** Columns of a file whose header nobody knows: what was seen of them, and what a person says they hold. Pure. */
import type { Trouble } from "../ask";

export interface Glance {
  sheet: string;
  columns: string[];
  rows: { number: number; cells: string[] }[];
}

export interface ByHand {
  mapping: string;
  headerRow?: number;
  sheet?: string;
}

const LETTERS = ["a", "b", "c", "d", "e", "f", "g", "h"] as const;
export const OPTION_FIELDS = LETTERS.map((letter) => `option-${letter}` as const);

/** What a column may hold, in the order in which it is offered; the service knows the same names. */
export const FIELDS = [
  "stem", "key", "kind", "options", ...OPTION_FIELDS, "rationale", "difficulty", "outline", "score", "id", "topic", "picture", "source",
] as const;
export type Field = (typeof FIELDS)[number];
type OptionField = (typeof OPTION_FIELDS)[number];

/** Whether a field is one option; its last letter says which. */
export const isOption = (field: Field): field is OptionField => field.startsWith("option-");

/** What the service showed of the file when it found no header; empty for any other refusal. */
export function glancesOf(trouble: Trouble | null): Glance[] {
  if (trouble === null || !("slug" in trouble) || trouble.slug !== "no-header") return [];
  const told = trouble.facts["glances"];
  return Array.isArray(told) ? (told as Glance[]) : [];
}

/** The row that is most likely the titles: of those shown the fullest, the first of equals. */
export function likelyTitles(glance: Glance): number {
  const full = (cells: string[]): number => cells.filter((cell) => cell !== "").length;
  const most = Math.max(0, ...glance.rows.map((row) => full(row.cells)));
  return glance.rows.find((row) => full(row.cells) === most)?.number ?? 0;
}

/** Fields of objects have names of their own: there is no row of titles to choose. */
export const hasTitles = (glance: Glance): boolean => (glance.rows[0]?.number ?? 0) > 0;

export type Lack = "stem" | "key" | "twice";

/** What keeps the columns from being read: no stem, no key, two columns that say they hold the same. */
export function lacks(chosen: Readonly<Record<string, Field | "">>): Lack[] {
  const held = Object.values(chosen).filter((field) => field !== "");
  const single = held.filter((field) => field !== "source");
  const found: Lack[] = [];
  if (!held.includes("stem")) found.push("stem");
  if (!held.includes("key")) found.push("key");
  if (new Set(single).size !== single.length) found.push("twice");
  return found;
}

/** What the service is asked; 0 as the row of titles: there is none. */
export function byHand(glance: Glance, chosen: Readonly<Record<string, Field | "">>, titles: number): ByHand {
  const mapping = Object.fromEntries(Object.entries(chosen).filter(([, field]) => field !== ""));
  return {
    mapping: JSON.stringify(mapping),
    ...(titles > 0 ? { headerRow: titles } : {}),
    sheet: glance.sheet,
  };
}
