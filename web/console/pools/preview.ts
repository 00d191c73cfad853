/** What the preview of an import shows beside a problem, and which button is the way on. Pure. */
import type { ImportOut, ImportPreviewItem, ImportProblem } from "../wire";

export type Show = "problems" | "rejected" | "warned" | "all";

export interface Line {
  id: string;
  problem: ImportProblem | null;
  item: ImportPreviewItem | null;
}

/** Codes tell by their first letter whether the row was refused or only remarked on. */
export const refuses = (problem: ImportProblem): boolean => problem.code.startsWith("E_");

/** The lines of the table under one filter; each problem with the accepted item of the same row, if there is one. */
export function linesOf(preview: ImportOut, show: Show): Line[] {
  const items = new Map(preview.items.map((item) => [`${item.sheet}\n${item.row}`, item]));
  if (show === "all") {
    const rejected = preview.problems.filter(refuses);
    return [
      ...rejected.map((problem, i) => ({ id: `p${i}`, problem, item: null })),
      ...preview.items.map((item, i) => ({ id: `i${i}`, problem: problemOf(preview, item), item })),
    ];
  }
  return preview.problems
    .filter((problem) => show === "problems" || refuses(problem) === (show === "rejected"))
    .map((problem, i) => ({ id: `p${i}`, problem, item: items.get(`${problem.sheet}\n${problem.row}`) ?? null }));
}

function problemOf(preview: ImportOut, item: ImportPreviewItem): ImportProblem | null {
  return preview.problems.find((problem) => problem.sheet === item.sheet && problem.row === item.row) ?? null;
}

/** How the file may be taken in: whole, only its valid rows, or not at all. */
export function ways(preview: ImportOut): { all: boolean; validOnly: boolean; nothingNew: boolean } {
  const nothingNew = preview.added + preview.changed === 0;
  return {
    all: preview.rejected === 0 && preview.accepted > 0 && !nothingNew,
    validOnly: preview.rejected > 0 && preview.accepted > 0 && !nothingNew,
    nothingNew: preview.accepted > 0 && nothingNew,
  };
}
