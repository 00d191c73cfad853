/** Which screen the address names: `#/sessions/<id>/live`. Screens are few, so no router is taken in for them. */

import { computed, ref } from "vue";

export interface Place {
  screen: Screen;
  /** Session, pool or blueprint the screen is about. */
  id: string;
}

export type Screen =
  | "home"
  | "sessions"
  | "session-new"
  | "session"
  | "live"
  | "tickets"
  | "results"
  | "all-results"
  | "pools"
  | "pool-import"
  | "items"
  | "item"
  | "item-new"
  | "outline"
  | "items-waiting"
  | "complaints"
  | "blueprints"
  | "blueprint-new"
  | "blueprint"
  | "late"
  | "credits"
  | "session-credits"
  | "statistics"
  | "session-statistics"
  | "rescoring"
  | "session-rulings"
  | "rulings"
  | "reviews"
  | "people"
  | "people-import"
  | "person"
  | "employers"
  | "institutions"
  | "corrections"
  | "audit"
  | "agreements"
  | "staff"
  | "account";

/** The first part in brackets is the id. Tests walk through this list too. */
export const PATTERNS: readonly (readonly [RegExp, Screen])[] = [
  [/^\/home$/, "home"],
  [/^\/sessions$/, "sessions"],
  [/^\/sessions\/new$/, "session-new"],
  [/^\/sessions\/([^/]+)$/, "session"],
  [/^\/sessions\/([^/]+)\/live$/, "live"],
  [/^\/sessions\/([^/]+)\/tickets$/, "tickets"],
  [/^\/sessions\/([^/]+)\/results$/, "results"],
  [/^\/results$/, "all-results"],
  [/^\/pools$/, "pools"],
  [/^\/pools\/([^/]+)\/import$/, "pool-import"],
  [/^\/pools\/([^/]+)\/items$/, "items"],
  [/^\/pools\/([^/]+\/items\/[^/]+)$/, "item"],
  [/^\/pools\/([^/]+)\/write$/, "item-new"],
  [/^\/pools\/([^/]+)\/outline$/, "outline"],
  [/^\/items$/, "items-waiting"],
  [/^\/complaints$/, "complaints"],
  [/^\/blueprints$/, "blueprints"],
  [/^\/blueprints\/new$/, "blueprint-new"],
  [/^\/blueprints\/([^/]+)$/, "blueprint"],
  [/^\/late$/, "late"],
  [/^\/credits$/, "credits"],
  [/^\/sessions\/([^/]+)\/credits$/, "session-credits"],
  [/^\/people$/, "people"],
  [/^\/people\/import$/, "people-import"],
  [/^\/people\/([^/]+)$/, "person"],
  [/^\/employers$/, "employers"],
  [/^\/institutions$/, "institutions"],
  [/^\/corrections$/, "corrections"],
  [/^\/staff$/, "staff"],
  [/^\/account$/, "account"],
  [/^\/statistics$/, "statistics"],
  [/^\/sessions\/([^/]+)\/statistics$/, "session-statistics"],
  [/^\/sessions\/([^/]+)\/rescoring(?:\/[0-9a-f]{32})?$/, "rescoring"],
  [/^\/sessions\/([^/]+)\/rulings$/, "session-rulings"],
  [/^\/rulings$/, "rulings"],
  [/^\/reviews$/, "reviews"],
  [/^\/audit$/, "audit"],
  [/^\/agreements$/, "agreements"],
];

/** The place a hash names; unknown ones lead home. */
export function parsePlace(hash: string): Place {
  const path = hash.replace(/^#/, "").replace(/\?.*$/, "");
  for (const [pattern, screen] of PATTERNS) {
    const found = pattern.exec(path);
    if (found) return { screen, id: found[1] ?? "" };
  }
  return { screen: "home", id: "" };
}

const hash = ref("");

export const place = computed(() => parsePlace(hash.value));

/** Follow the address bar from now on. */
export function followAddress(): void {
  const read = (): void => {
    hash.value = location.hash;
  };
  addEventListener("hashchange", read);
  read();
}

export function go(path: string): void {
  location.hash = path;
}
