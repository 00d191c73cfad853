/** Calls about what comes after an exam: statistics, rulings, score reviews. */
import type { components } from "@kit/api.gen";
import { call, callBytes, Problem, type Method } from "@kit/api";

import { bare, get } from "./ask";
import { leave } from "./me";

type Schemas = components["schemas"];
export type StatisticsSession = Schemas["StatisticsSession"];
export type Statistics = Schemas["StatisticsOut"];
export type ItemFigures = Schemas["ItemFigures"];
export type RulingPreview = Schemas["RulingPreviewOut"];
export type Way = Schemas["WayOut"];
export type MovedRow = Schemas["MovedRow"];
export type RulingCorrection = Schemas["RulingCorrectionIn"];
export type RulingRow = Schemas["RulingRow"];
export type WaitingRulingRow = Schemas["WaitingRulingRow"];
export type ScoreReviewRow = Schemas["ScoreReviewRow"];
export type Remedy = RulingCorrection["remedy"];

/** Ten thousand papers are marked anew in seconds; over a slow line and on a busy service it may take this long. */
const SLOW_MS = 90_000;

async function slow<T>(method: Method, path: string, body?: unknown): Promise<T> {
  try {
    return await call<T>(method, `/api${path}`, { body, timeoutMs: SLOW_MS });
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.slug === "not-logged-in") leave();
    throw thrown;
  }
}

export const askStatisticsSessions = (): Promise<{ sessions: StatisticsSession[] }> => get("/statistics");
export const askStatistics = (session: string): Promise<Statistics> => slow("GET", `/sessions/${session}/statistics`);
export const statisticsBook = (session: string): string => `/api/sessions/${session}/statistics.xlsx`;

export interface PreviewAsk {
  version: string;
  newKey: number | null;
  others: RulingCorrection[];
}
export const previewRuling = (session: string, given: PreviewAsk): Promise<RulingPreview> =>
  slow("POST", `/sessions/${session}/rulings/preview`, given);
export const previewBook = (session: string, given: PreviewAsk, remedy: Remedy): Promise<Blob> =>
  callBytes(`/api/sessions/${session}/rulings/preview.xlsx`, { method: "POST", body: given, query: { remedy }, timeoutMs: SLOW_MS });

export interface Rulings {
  session: StatisticsSession;
  rulings: RulingRow[];
}
export const askRulings = (session: string): Promise<Rulings> => get(`/sessions/${session}/rulings`);
export const proposeRuling = (session: string, corrections: RulingCorrection[], reason: string): Promise<Rulings> =>
  slow("POST", `/sessions/${session}/rulings`, { corrections, reason });
export const decideRuling = (session: string, number: number, agree: boolean, reason: string): Promise<Rulings> =>
  slow("POST", `/sessions/${session}/rulings/${String(number)}/decide`, { agree, reason });
export const askWaiting = (): Promise<{ rulings: WaitingRulingRow[]; reviews: number }> => get("/rescoring/waiting");

export const askReviews = (): Promise<{ reviews: ScoreReviewRow[] }> => get("/reviews");
export const runReview = (id: string): Promise<Schemas["ReviewOutcomeOut"]> => bare(`/reviews/${id}/run`);
export const reviewSession = (session: string): Promise<Schemas["SessionReviewOut"]> => slow("POST", `/sessions/${session}/review`);
