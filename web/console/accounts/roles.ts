/** What an account's role asks for, and its name. */
import { say, type Key } from "../say";

type RoleKey = Extract<Key, `role.${string}`>;

export interface Tenant {
  institution: "none" | "free" | "needed";
  employer: boolean;
}

/** An institution's administrator gives its own institution, so nothing is asked; writers of items may be the department's. */
export function tenantOf(role: string, giver: string): Tenant {
  const employer = role === "employer-clerk";
  if (giver === "institution-admin") return { institution: "none", employer };
  if (role === "invigilator" || role === "institution-admin") return { institution: "needed", employer };
  if (role === "item-author" || role === "item-reviewer") return { institution: giver === "operator" ? "free" : "none", employer };
  return { institution: "none", employer };
}

export function roleWords(role: string): string {
  return say(`role.${role}` as RoleKey);
}
