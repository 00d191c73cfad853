/** A blueprint while it is being written: what it adds up to, and the repairs of a cell the pool cannot fill. Pure. */
import type { BlueprintIn, Bounds, Cell, CellState, Infeasible, Kind, Profile, Repair, Section } from "../wire";

export const emptySection = (title: string, kind: Kind | null): Section => ({
  title,
  kind,
  count: 10,
  pointsCenti: 100,
  policy: "all_or_nothing",
  shuffleItems: true,
  shuffleOptions: true,
  part: "",
  cells: [],
});

export const emptyCell = (): Cell => ({ outline: "", difficulty: null, hardest: null, count: 1 });

/** As the service has them where nothing is said. */
export const plainBounds: Bounds = { overlapPercent: 20, sharePercent: null, restPapers: null, restDays: 90 };

/** A profile's sections in the place of a draft's; nothing is shared with the profile. */
export function ofProfile(profile: Profile, draft: BlueprintIn, title: string): BlueprintIn {
  return { ...draft, title, sections: copyOf(profile.sections) };
}

/** A published blueprint as a draft of its own. */
export function ofKept(kept: BlueprintIn, title: string): BlueprintIn {
  const { overlapPercent, sharePercent, restPapers, restDays } = kept;
  return { title, sections: copyOf(kept.sections), overlapPercent, sharePercent, restPapers, restDays };
}

/** Sections of their own, so that typing does not change what they were taken from. */
export function copyOf(sections: readonly Section[]): Section[] {
  return sections.map((section) => ({ ...section, cells: section.cells.map((cell) => ({ ...cell })) }));
}

export interface Sums {
  items: number;
  totalCenti: number;
}

export function sums(draft: BlueprintIn): Sums {
  let items = 0;
  let totalCenti = 0;
  for (const section of draft.sections) {
    items += section.count;
    totalCenti += section.count * section.pointsCenti;
  }
  return { items, totalCenti };
}

/** Items of a section that no cell names: they may come from anywhere in the outline. Below 0: the cells ask for too many. */
export function unnamed(section: Section): number {
  return section.count - section.cells.reduce((sum, cell) => sum + cell.count, 0);
}

/** Whether every field can be sent: the service checks the rest. */
export function sendable(draft: BlueprintIn): boolean {
  const inRange = (n: number, low: number, high: number): boolean => Number.isInteger(n) && n >= low && n <= high;
  return (
    draft.title.trim() !== "" &&
    draft.sections.length > 0 &&
    inRange(draft.overlapPercent, 0, 100) &&
    (draft.sharePercent === null || inRange(draft.sharePercent, 1, 100)) &&
    (draft.restPapers === null || inRange(draft.restPapers, 0, 10_000_000)) &&
    inRange(draft.restDays, 1, 3_650) &&
    draft.sections.every(
      (section) =>
        section.title.trim() !== "" &&
        inRange(section.count, 1, 500) &&
        inRange(section.pointsCenti, 1, 10_000) &&
        section.cells.every((cell) => inRange(cell.count, 1, 500)),
    )
  );
}

/** The draft after a repair that the service offered; the rest of it is untouched. */
export function repaired(draft: BlueprintIn, repair: Repair): BlueprintIn {
  const change = (section: Section): Section => ({
    ...section,
    count: repair.sectionCount,
    cells: section.cells
      .map((cell, i) => (i === repair.other ? { ...cell, count: repair.otherCount } : i === repair.cell ? of(repair) : cell))
      .filter((cell) => cell.count > 0),
  });
  return {
    ...draft,
    sharePercent: repair.sharePercent,
    sections: draft.sections.map((section, i) => (i === repair.section ? change(section) : section)),
  };
}

const of = ({ outline, difficulty, hardest, count }: Repair): Cell => ({ outline, difficulty, hardest, count });

/** The levels a cell may have, as one choice: `""` any, `3`, `2-4`. */
export const LEVELS: readonly string[] = [1, 2, 3, 4, 5].flatMap((from) =>
  [1, 2, 3, 4, 5].filter((to) => to >= from && to - from < 4).map((to) => (to === from ? `${from}` : `${from}-${to}`)),
);

export function levelOf(cell: Cell): string {
  if (cell.difficulty === null) return "";
  return cell.hardest === null || cell.hardest === cell.difficulty ? `${cell.difficulty}` : `${cell.difficulty}-${cell.hardest}`;
}

export function withLevel(cell: Cell, level: string): Cell {
  const [from, to] = level.split("-").map(Number);
  return { ...cell, difficulty: level === "" ? null : (from ?? null), hardest: to ?? null };
}

/** How much of what the pool has for a cell is drawn, 0 to 100; more is told by the finding. */
export function used(state: CellState | undefined): number {
  if (!state) return 0;
  return state.there === 0 ? 100 : Math.min(100, Math.round((100 * state.wanted) / state.there));
}

export function stateAt(states: readonly CellState[], section: number, cell: number | null): CellState | undefined {
  return states.find((one) => one.section === section && one.cell === cell);
}

/** The finding for one place, if there is one. */
export function findingAt(found: readonly Infeasible[], section: number, cell: number | null): Infeasible | undefined {
  return found.find((one) => one.section === section && one.cell === cell);
}
