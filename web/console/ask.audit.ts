/** Calls about the audit and about acts that take two persons. */
import type { components } from "@kit/api.gen";

import { bare, get, post } from "./ask";
import type { LiveRow } from "./wire";

type Schemas = components["schemas"];
export type AuditLine = Schemas["AuditLineRow"];
export type AuditPage = Schemas["AuditOut"];
export type Walk = Schemas["WalkOut"];
export type Agreement = Schemas["AgreementRow"];
export type DrawnPaper = Schemas["Paper"];

/** What narrows the list; what is empty does not. */
export interface AuditWish {
  org: string;
  firstDay: string;
  lastDay: string;
  actor: string;
  act: string;
  object: string;
}

function query(wish: AuditWish): Record<string, string> {
  const given = { org: wish.org, first_day: wish.firstDay, last_day: wish.lastDay, actor: wish.actor, act: wish.act, object: wish.object };
  return Object.fromEntries(Object.entries(given).filter(([, word]) => word.trim() !== ""));
}

export const askAudit = (wish: AuditWish, after: string): Promise<AuditPage> => get("/audit", { ...query(wish), after });
export const auditBook = (wish: AuditWish): string => `/api/audit.xlsx?${new URLSearchParams(query(wish)).toString()}`;
export const walkAudit = (day: string): Promise<Walk> => post("/audit/walk", day === "" ? {} : { day });

type Agreements = Schemas["AgreementsOut"];
export type PairAct = Agreement["act"];
export const askAgreements = (): Promise<Agreements> => get("/agreements");
export const askAgreement = (act: PairAct, sessionId: string, attemptId: string, reason: string): Promise<Agreements> =>
  post("/agreements", { act, sessionId, attemptId, reason });
export type AnswerWord = "agree" | "decline" | "withdraw";
export const answerAgreement = (id: string, answer: AnswerWord): Promise<Agreements> => bare(`/agreements/${id}/${answer}`);

const attempt = (on: Agreement, act: string): string => `/sessions/${on.sessionId}/attempts/${on.attemptId}/${act}`;
export const voidAttempt = (on: Agreement): Promise<LiveRow> => post(attempt(on, "void"), { agreementId: on.id, reason: on.reason });
export const showPaper = (on: Agreement): Promise<DrawnPaper> => post(attempt(on, "paper"), { agreementId: on.id, reason: on.reason });
