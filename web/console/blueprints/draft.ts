/** A blueprint while it is being written: what it adds up to, and the repairs of a cell the pool cannot fill. Pure. */
import type { BlueprintIn, Cell, Infeasible, Kind, Profile, Section } from "../wire";

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

export const emptyCell = (): Cell => ({ outline: "", difficulty: null, count: 1 });

/** A profile's sections as a new blueprint; nothing is shared with the profile. */
export function ofProfile(profile: Profile, title: string): BlueprintIn {
  return { title, sections: copyOf(profile.sections) };
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
    draft.sections.every(
      (section) =>
        section.title.trim() !== "" &&
        inRange(section.count, 1, 500) &&
        inRange(section.pointsCenti, 1, 10_000) &&
        section.cells.every((cell) => inRange(cell.count, 1, 500)),
    )
  );
}

export type Repair =
  { what: "take-fewer"; count: number } | { what: "any-difficulty" } | { what: "widen-outline"; outline: string };

/** What one click could do about a place the pool cannot fill, least loss first. */
export function repairs(draft: BlueprintIn, found: Infeasible): Repair[] {
  const section = draft.sections[found.section];
  if (!section) return [];
  const cell = found.cell === null ? null : (section.cells[found.cell] ?? null);
  const out: Repair[] = [];
  if (cell !== null && cell.difficulty !== null) out.push({ what: "any-difficulty" });
  if (cell?.outline.includes(".")) out.push({ what: "widen-outline", outline: cell.outline.replace(/\.[^.]*$/, "") });
  if (found.available > 0) out.push({ what: "take-fewer", count: found.available });
  return out;
}

/** The draft after a repair; the rest of it is untouched. */
export function repaired(draft: BlueprintIn, found: Infeasible, repair: Repair): BlueprintIn {
  const change = (section: Section): Section => {
    if (found.cell === null) return repair.what === "take-fewer" ? { ...section, count: repair.count } : section;
    const cells = section.cells.map((cell, i) => (i === found.cell ? changed(cell, repair) : cell));
    return { ...section, cells };
  };
  return { ...draft, sections: draft.sections.map((section, i) => (i === found.section ? change(section) : section)) };
}

function changed(cell: Cell, repair: Repair): Cell {
  if (repair.what === "take-fewer") return { ...cell, count: repair.count };
  return repair.what === "any-difficulty" ? { ...cell, difficulty: null } : { ...cell, outline: repair.outline };
}

/** The finding for one place, if there is one. */
export function findingAt(found: readonly Infeasible[], section: number, cell: number | null): Infeasible | undefined {
  return found.find((one) => one.section === section && one.cell === cell);
}
