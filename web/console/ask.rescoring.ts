/** Calls about what comes after an exam: statistics, rulings, score reviews. */
import type { components } from "@kit/api.gen";
import { callBytes } from "@kit/api";

import { bare, get, post } from "./ask";

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

export const askStatisticsSessions = (): Promise<{ sessions: StatisticsSession[] }> => get("/statistics");
export const askStatistics = (session: string): Promise<Statistics> => get(`/sessions/${session}/statistics`);
export const statisticsBook = (session: string): string => `/api/sessions/${session}/statistics.xlsx`;

export interface PreviewAsk {
  version: string;
  newKey: number | null;
  others: RulingCorrection[];
}
export const previewRuling = (session: string, given: PreviewAsk): Promise<RulingPreview> =>
  post(`/sessions/${session}/rulings/preview`, given);
export const previewBook = (session: string, given: PreviewAsk, remedy: Remedy): Promise<Blob> =>
  callBytes(`/api/sessions/${session}/rulings/preview.xlsx`, { method: "POST", body: given, query: { remedy } });

export interface Rulings {
  session: StatisticsSession;
  rulings: RulingRow[];
}
export const askRulings = (session: string): Promise<Rulings> => get(`/sessions/${session}/rulings`);
export const proposeRuling = (session: string, corrections: RulingCorrection[], reason: string): Promise<Rulings> =>
  post(`/sessions/${session}/rulings`, { corrections, reason });
export const decideRuling = (session: string, number: number, agree: boolean, reason: string): Promise<Rulings> =>
  post(`/sessions/${session}/rulings/${String(number)}/decide`, { agree, reason });
export const askWaiting = (): Promise<{ rulings: WaitingRulingRow[]; reviews: number }> => get("/rescoring/waiting");

export const askReviews = (): Promise<{ reviews: ScoreReviewRow[] }> => get("/reviews");
export const runReview = (id: string): Promise<Schemas["ReviewOutcomeOut"]> => bare(`/reviews/${id}/run`);
export const reviewSession = (session: string): Promise<Schemas["SessionReviewOut"]> => bare(`/sessions/${session}/review`);
