/** Which results a filter shows, and their sums. Pure. */
import type { ResultRow } from "../wire";

export type Shown = "all" | "passed" | "failed" | "open" | "late";

export function fits(row: ResultRow, shown: Shown): boolean {
  if (shown === "all") return true;
  if (shown === "late") return row.lateState === "open";
  if (shown === "open") return row.passed === null;
  return row.passed === (shown === "passed");
}

export interface Sums {
  all: number;
  passed: number;
  failed: number;
  open: number;
  late: number;
  /** Mean in 1/100 point, rounded half up; null without a score. */
  meanCenti: number | null;
}

export function sums(rows: readonly ResultRow[]): Sums {
  const out: Sums = { all: rows.length, passed: 0, failed: 0, open: 0, late: 0, meanCenti: null };
  let total = 0;
  let scored = 0;
  for (const row of rows) {
    if (row.passed === true) out.passed += 1;
    else if (row.passed === false) out.failed += 1;
    else out.open += 1;
    if (row.lateState === "open") out.late += 1;
    if (row.scoreCenti !== null) {
      total += row.scoreCenti;
      scored += 1;
    }
  }
  if (scored > 0) out.meanCenti = Math.round(total / scored);
  return out;
}
