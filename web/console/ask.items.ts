/** Calls around items: lists, one with its history, steps, wordings, comments, complaints, outlines. */
import type { components } from "@kit/api.gen";

import { get, post } from "./ask";

type Schemas = components["schemas"];
export type ItemRow = Schemas["ItemRow"];
export type ItemsOut = Schemas["ItemsOut"];
export type ItemOut = Schemas["ItemOut"];
export type WordingOut = Schemas["WordingOut"];
export type ItemContent = Schemas["ItemContent"];
export type ItemIn = Schemas["ItemIn"];
export type Fault = Schemas["FaultOut"];
export type StepOut = Schemas["StepOut"];
export type Step = Schemas["StepIn"]["step"];
export type Change = Schemas["ChangeOut"];
export type Span = Schemas["SpanOut"];
export type Complaint = Schemas["ComplaintRow"];
export type Outcome = Schemas["AnswerIn"]["outcome"];
export type Branch = Schemas["OutlineBranch"];
export type PoolWaiting = Schemas["PoolWaiting"];

export interface ItemQuery {
  text?: string;
  outline?: string;
  difficulty?: number;
  kind?: string;
  state?: string;
  drawnFrom?: number;
  drawnTo?: number;
  reported?: boolean;
  mineToJudge?: boolean;
  offset?: number;
  limit?: number;
}

export const askItems = (pool: string, query: ItemQuery): Promise<ItemsOut> => get(`/pools/${pool}/items`, { ...query });
export const askItem = (pool: string, id: string): Promise<ItemOut> => get(`/pools/${pool}/item`, { id });
export const writeItem = (pool: string, id: string, base: string | null, item: ItemIn): Promise<ItemOut> =>
  post(`/pools/${pool}/item`, { id, base, item });
export const checkItem = (item: ItemIn): Promise<{ faults: Fault[] }> => post("/items/check", item);
export const commentItem = (pool: string, id: string, text: string): Promise<ItemOut> =>
  post(`/pools/${pool}/item/comment`, { id, text });
export const askChange = (pool: string, id: string, before: number, after: number): Promise<Change> =>
  get(`/pools/${pool}/item/change`, { id, before, after });

/** Items of one call; the service takes no more. */
const TOGETHER = 500;

/** Take a step with any number of items: what was refused comes back by item, the rest is done. */
export async function stepItems(pool: string, step: Step, items: readonly string[], reason: string): Promise<StepOut> {
  const whole: StepOut = { done: [], refused: [] };
  for (let from = 0; from < items.length; from += TOGETHER) {
    const part = await post<StepOut>(`/pools/${pool}/items/step`, { step, items: items.slice(from, from + TOGETHER), reason });
    whole.done.push(...part.done);
    whole.refused.push(...part.refused);
  }
  return whole;
}

/** Items of one page; the service gives no more. */
const PAGE = 200;

/** All that a search finds, not only the page that is shown. */
export async function askAllItems(pool: string, query: ItemQuery, total: number): Promise<ItemRow[]> {
  const rows: ItemRow[] = [];
  for (let offset = 0; offset < total; offset += PAGE) {
    const page = await askItems(pool, { ...query, offset, limit: PAGE });
    rows.push(...page.items);
  }
  return rows;
}

export const askAllIds = async (pool: string, query: ItemQuery, total: number): Promise<string[]> =>
  (await askAllItems(pool, query, total)).map((one) => one.id);

export const askComplaints = (open: boolean, poolId?: string, itemId?: string): Promise<{ complaints: Complaint[] }> =>
  get("/complaints", { open, ...(poolId ? { poolId } : {}), ...(itemId ? { itemId } : {}) });
export const answerComplaint = (id: string, outcome: Outcome, reason: string): Promise<null> =>
  post(`/complaints/${id}/answer`, { outcome, reason });

export const askOutline = (pool: string): Promise<{ branches: Branch[] }> => get(`/pools/${pool}/outline`);
export const keepOutline = (pool: string, nodes: readonly { code: string; title: string; weight: number }[]): Promise<{ branches: Branch[] }> =>
  post(`/pools/${pool}/outline`, { nodes });

export const askWaiting = (): Promise<{ pools: PoolWaiting[] }> => get("/items/waiting");
