/** What each staff role is shown. The service decides anyway; here only what would be refused is left out. */

import type { Role } from "./wire";

export type Act =
  | "see-home"
  | "see-sessions"
  | "see-live"
  | "steer-attempt"
  | "void-attempt"
  | "see-pools"
  | "plan-sessions"
  | "see-blueprints"
  | "preview-papers"
  | "see-late"
  | "decide-late"
  | "see-results"
  | "export-results"
  | "name-institution";

const EVERYBODY: readonly Act[] = ["see-home"];
const ROOM: readonly Act[] = [...EVERYBODY, "see-sessions", "see-live", "steer-attempt", "see-late", "see-results"];
const INSTITUTION: readonly Act[] = [...ROOM, "see-pools", "plan-sessions", "see-blueprints", "export-results"];

const RIGHTS: Record<Role, readonly Act[]> = {
  candidate: [],
  invigilator: ROOM,
  "institution-admin": INSTITUTION,
  "item-author": EVERYBODY,
  "item-reviewer": EVERYBODY,
  officer: [...INSTITUTION, "preview-papers", "void-attempt", "decide-late", "name-institution"],
  auditor: EVERYBODY,
  operator: EVERYBODY,
  "employer-clerk": EVERYBODY,
  "ce-platform": [],
};

export function may(role: Role | undefined, act: Act): boolean {
  return role !== undefined && RIGHTS[role].includes(act);
}
