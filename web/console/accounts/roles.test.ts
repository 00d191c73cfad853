/** Which role asks for which tenant. */
import { expect, test } from "vitest";

import { roleWords, tenantOf } from "./roles";

test("an institution's administrator is never asked for the institution", () => {
  for (const role of ["invigilator", "institution-admin", "item-author"]) expect(tenantOf(role, "institution-admin").institution).toBe("none");
});

test("an officer names the institution of an administrator, and an employer only for its clerk", () => {
  expect(tenantOf("institution-admin", "officer")).toEqual({ institution: "needed", employer: false });
  expect(tenantOf("employer-clerk", "officer")).toEqual({ institution: "none", employer: true });
  expect(tenantOf("auditor", "officer")).toEqual({ institution: "none", employer: false });
});

test("an operator may leave writers of items with the department", () => {
  expect(tenantOf("item-author", "operator").institution).toBe("free");
  expect(tenantOf("invigilator", "operator").institution).toBe("needed");
});

test("every role has a name", () => {
  expect(roleWords("ce-platform")).toBe("继续教育平台");
});
