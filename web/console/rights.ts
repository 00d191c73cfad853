/** What each staff role is shown. The service decides anyway; here only what would be refused is left out. */

import type { Role } from "./wire";

export type Act =
  | "see-sessions"
  | "see-live"
  | "steer-attempt"
  | "void-attempt"
  | "see-pools"
  | "plan-sessions"
  | "see-late"
  | "decide-late"
  | "see-results"
  | "export-results"
  | "name-institution";

const EVERY_STAFF: readonly Act[] = ["see-sessions", "see-live", "steer-attempt", "see-late", "see-results"];
const INSTITUTION: readonly Act[] = [...EVERY_STAFF, "see-pools", "plan-sessions", "export-results"];

const RIGHTS: Record<Role, readonly Act[]> = {
  candidate: [],
  operator: [],
  invigilator: EVERY_STAFF,
  "institution-admin": INSTITUTION,
  "item-author": [],
  "item-reviewer": [],
  auditor: [],
  "employer-clerk": [],
  "ce-platform": [],
  officer: [...INSTITUTION, "void-attempt", "decide-late", "name-institution"],
};

export function may(role: Role | undefined, act: Act): boolean {
  return role !== undefined && RIGHTS[role].includes(act);
}
