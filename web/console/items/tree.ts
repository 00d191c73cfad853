/** The outline tree while it is edited: order, next free code, shares, faults. Pure. */

export interface Row {
  code: string;
  title: string;
  weight: number;
}

export const LEVELS = 4;
const HIGHEST = 99;

export const parentOf = (code: string): string => code.slice(0, Math.max(0, code.lastIndexOf(".")));
export const levelOf = (code: string): number => code.split(".").length;

export function byCode(a: { code: string }, b: { code: string }): number {
  const [left, right] = [a.code.split(".").map(Number), b.code.split(".").map(Number)];
  for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
    const gap = (left[i] ?? 0) - (right[i] ?? 0);
    if (gap !== 0) return gap;
  }
  return 0;
}

/** The first free code under a parent ("" for the top); null where there is none. */
export function nextCode(rows: readonly Row[], parent: string): string | null {
  if (parent !== "" && levelOf(parent) >= LEVELS) return null;
  const taken = new Set(rows.map((row) => row.code));
  for (let n = 1; n <= HIGHEST; n += 1) {
    const code = parent === "" ? String(n) : `${parent}.${n}`;
    if (!taken.has(code)) return code;
  }
  return null;
}

/** What part of a paper falls to each code, 0 to 1: its weight among its siblings, of what its parent has. */
export function shares(rows: readonly Row[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const row of rows) sums.set(parentOf(row.code), (sums.get(parentOf(row.code)) ?? 0) + row.weight);
  const found = new Map<string, number>([["", 1]]);
  for (const row of [...rows].sort(byCode)) {
    const above = found.get(parentOf(row.code)) ?? 0;
    const sum = sums.get(parentOf(row.code)) ?? 0;
    found.set(row.code, sum === 0 ? 0 : (above * row.weight) / sum);
  }
  found.delete("");
  return found;
}

export type RowFault = "code" | "twice" | "parent" | "title" | "weight";

const CODE = /^[1-9][0-9]?(\.[1-9][0-9]?){0,3}$/;

/** What is wrong with a row; null when it can be kept. */
export function faultOf(row: Row, rows: readonly Row[]): RowFault | null {
  if (!CODE.test(row.code)) return "code";
  if (rows.filter((one) => one.code === row.code).length > 1) return "twice";
  const parent = parentOf(row.code);
  if (parent !== "" && !rows.some((one) => one.code === parent)) return "parent";
  if (row.title.trim() === "" || row.title.length > 80) return "title";
  if (!Number.isInteger(row.weight) || row.weight < 0 || row.weight > 1000) return "weight";
  return null;
}

/** Without a node and all below it. */
export function without(rows: readonly Row[], code: string): Row[] {
  return rows.filter((row) => row.code !== code && !row.code.startsWith(`${code}.`));
}
