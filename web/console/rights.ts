/** What each staff role is shown. The service decides anyway; here only what would be refused is left out. */

import type { Role } from "./wire";

export type Act =
  | "see-home"
  | "see-sessions"
  | "see-live"
  | "steer-attempt"
  | "void-attempt"
  | "see-pools"
  | "write-items"
  | "judge-items"
  | "plan-sessions"
  | "see-blueprints"
  | "preview-papers"
  | "see-late"
  | "decide-late"
  | "see-credits"
  | "see-statistics"
  | "see-rulings"
  | "agree-rulings"
  | "see-reviews"
  | "run-reviews"
  | "see-results"
  | "export-results"
  | "see-audit"
  | "see-agreements"
  | "manage-accounts"
  | "name-institution"
  | "see-people"
  | "import-people"
  | "confirm-employment"
  | "keep-employers"
  | "see-institutions"
  | "see-requests"
  | "decide-requests"
  | "see-erasures"
  | "decide-erasures";

const EVERYBODY: readonly Act[] = ["see-home"];
const ROOM: readonly Act[] = [...EVERYBODY, "see-sessions", "see-live", "steer-attempt", "see-late", "see-results"];
const INSTITUTION: readonly Act[] = [...ROOM, "see-statistics", "see-reviews", "run-reviews", "see-credits", "see-agreements", "see-pools", "write-items", "judge-items", "plan-sessions", "see-blueprints", "export-results", "manage-accounts", "see-people", "import-people", "see-requests", "decide-requests"];

const RIGHTS: Record<Role, readonly Act[]> = {
  candidate: [],
  invigilator: ROOM,
  "institution-admin": INSTITUTION,
  "item-author": [...EVERYBODY, "see-pools", "write-items", "see-blueprints", "preview-papers"],
  "item-reviewer": [...EVERYBODY, "see-pools", "judge-items", "see-blueprints", "preview-papers"],
  officer: [...INSTITUTION, "see-rulings", "agree-rulings", "preview-papers", "void-attempt", "decide-late", "see-audit", "name-institution", "confirm-employment", "keep-employers", "see-institutions", "see-erasures", "decide-erasures"],
  auditor: [...EVERYBODY, "see-credits", "see-people", "see-institutions", "see-requests", "see-erasures", "see-reviews", "see-audit"],
  operator: [...EVERYBODY, "manage-accounts"],
  "employer-clerk": [...EVERYBODY, "see-people", "confirm-employment"],
  "ce-platform": [],
};

export function may(role: Role | undefined, act: Act): boolean {
  return role !== undefined && RIGHTS[role].includes(act);
}
