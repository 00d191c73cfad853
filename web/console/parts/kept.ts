/** Filters that a person keeps by name, for one screen, on this computer; one of them may be the first one shown. */
import { PLAIN, type Sift } from "./sift";

export interface Kept {
  /** Name of the one a screen opens with; "" for none. */
  first: string;
  filters: { name: string; sift: Sift }[];
}

const NOTHING: Kept = { first: "", filters: [] };

/** Names are short: they stand in a narrow list. */
export const NAME_MAX = 24;

const place = (person: string, screen: string): string => `kaowu-filters:${person}:${screen}`;

function isSift(value: unknown): value is Sift {
  return typeof value === "object" && value !== null && "words" in value && "wants" in value && typeof value.wants === "object";
}

export function kept(person: string, screen: string): Kept {
  try {
    const held = JSON.parse(localStorage.getItem(place(person, screen)) ?? "null") as Partial<Kept> | null;
    const filters = (held?.filters ?? []).filter((one) => typeof one.name === "string" && isSift(one.sift));
    return { first: held?.first ?? "", filters };
  } catch {
    return NOTHING; // kept by an older page, or nothing may be kept here
  }
}

export function keep(person: string, screen: string, next: Kept): void {
  try {
    localStorage.setItem(place(person, screen), JSON.stringify(next));
  } catch {
    // A browser that keeps nothing shows all rows next time.
  }
}

/** The same name again replaces. */
export function withFilter(held: Kept, name: string, sift: Sift): Kept {
  return { ...held, filters: [...held.filters.filter((one) => one.name !== name), { name, sift }] };
}

export function without(held: Kept, name: string): Kept {
  return { first: held.first === name ? "" : held.first, filters: held.filters.filter((one) => one.name !== name) };
}

export function firstOf(held: Kept): Sift {
  return held.filters.find((one) => one.name === held.first)?.sift ?? PLAIN;
}
