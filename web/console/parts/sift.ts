/** Which rows of a data table are shown and in which order: search, filters by column, sorting. Pure. */
import type { DataColumn } from "./column";

export interface Sift {
  /** Every one of these words must stand somewhere in the row. */
  words: string;
  /** By column: what the person chose or typed. */
  wants: Readonly<Record<string, string>>;
  sort: { key: string; down: boolean } | null;
}

export const PLAIN: Sift = { words: "", wants: {}, sort: null };

/** Digits inside a word count as numbers: 2 stands before 10. */
const ORDER = new Intl.Collator("zh-CN", { numeric: true, sensitivity: "base" });

export function valueOf<T>(row: T, column: DataColumn<T>): string | number | boolean | null {
  if (column.value) return column.value(row);
  const field = (row as Record<string, unknown>)[column.key];
  return typeof field === "string" || typeof field === "number" || typeof field === "boolean" ? field : null;
}

export function wordsOf<T>(row: T, column: DataColumn<T>): string {
  if (column.words) return column.words(row);
  const value = valueOf(row, column);
  return value === null ? "" : String(value);
}

/** Rows without a value stand last, whichever way the others are sorted. */
function compare<T>(a: T, b: T, column: DataColumn<T>, down: boolean): number {
  const [left, right] = [valueOf(a, column), valueOf(b, column)];
  const [leftEmpty, rightEmpty] = [left === null || left === "", right === null || right === ""];
  if (leftEmpty || rightEmpty) return Number(leftEmpty) - Number(rightEmpty);
  const gap = typeof left === "string" || typeof right === "string" ? ORDER.compare(String(left), String(right)) : Number(left) - Number(right);
  return down ? -gap : gap;
}

export function isPlain(sift: Sift): boolean {
  return sift.words.trim() === "" && wanted(sift).length === 0;
}

function wanted(sift: Sift): [string, string][] {
  return Object.entries(sift.wants).filter(([, want]) => want.trim() !== "");
}

/** How many columns filter now. */
export const wantedCount = (sift: Sift): number => wanted(sift).length;

function fits<T>(row: T, column: DataColumn<T>, want: string): boolean {
  const words = wordsOf(row, column);
  return column.filter === "choice" ? words === want : words.toLowerCase().includes(want.trim().toLowerCase());
}

/** The rows that are shown. Where nothing sorts, the order is the one they came in. */
export function sifted<T>(rows: readonly T[], columns: readonly DataColumn<T>[], sift: Sift): readonly T[] {
  const searched = columns.filter((column) => !column.bare);
  const words = sift.words.toLowerCase().split(/\s+/).filter(Boolean);
  const filters = wanted(sift).flatMap(([key, want]) => {
    const column = searched.find((one) => one.key === key);
    return column ? [{ column, want }] : [];
  });
  const kept = rows.filter((row) => {
    if (!filters.every(({ column, want }) => fits(row, column, want))) return false;
    if (words.length === 0) return true;
    const text = searched.map((column) => wordsOf(row, column)).join("\n").toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const sort = sift.sort;
  const by = searched.find((one) => one.key === sort?.key);
  return by ? kept.sort((a, b) => compare(a, b, by, sort?.down ?? false)) : kept;
}

/** What a `choice` column may be filtered by: the words that occur, each once. */
export function choicesOf<T>(rows: readonly T[], column: DataColumn<T>): string[] {
  const found = new Set(rows.map((row) => wordsOf(row, column)).filter(Boolean));
  return [...found].sort(ORDER.compare);
}

/** A click on a head: up, down, as it came. */
export function turned(sort: Sift["sort"], key: string): Sift["sort"] {
  if (sort?.key !== key) return { key, down: false };
  return sort.down ? null : { key, down: true };
}
