/** One act on many rows: a few at a time, and every row that was refused is kept with its reason. */
import { asTrouble, type Trouble } from "../ask";

/** What can be done to ticked rows of a data table. */
export interface BulkAct<T> {
  key: string;
  /** A verb: 开放, 不采用. */
  label: string;
  /** One call for one row; it rejects with what the service refused. `reason` is "" unless asked for. */
  run: (row: T, reason: string) => Promise<unknown>;
  /** Rows it can be done to; the others are left out and counted. */
  fits?: (row: T) => boolean;
  /** What it does, said before it is done; without it the act is done at once. */
  sure?: string;
  /** Words must be given; ready ones to choose from. */
  reason?: { label: string; ready: readonly string[] };
  /** The act that takes it back, where there is one. */
  undo?: (row: T) => Promise<unknown>;
  danger?: boolean;
}

export interface BulkOutcome<T> {
  done: readonly T[];
  failed: readonly { row: T; trouble: Trouble }[];
}

/** Calls that run together: more would only wait for each other at the service. */
const TOGETHER = 4;

export async function bulk<T>(
  rows: readonly T[],
  run: (row: T) => Promise<unknown>,
  step: (finished: number) => void = () => undefined,
  together = TOGETHER,
): Promise<BulkOutcome<T>> {
  const ends: (Trouble | null)[] = [];
  let next = 0;
  let finished = 0;
  async function work(): Promise<void> {
    for (let mine = next++; mine < rows.length; mine = next++) {
      const row = rows[mine];
      if (row === undefined) return;
      ends[mine] = await run(row).then(() => null, asTrouble);
      finished += 1;
      step(finished);
    }
  }
  await Promise.all(Array.from({ length: Math.min(together, rows.length) }, work));
  const failed = rows.flatMap((row, i) => {
    const trouble = ends[i];
    return trouble ? [{ row, trouble }] : [];
  });
  return { done: rows.filter((_, i) => ends[i] === null), failed };
}
