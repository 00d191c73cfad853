/** Calls about lost time. */
import type { components } from "@kit/api.gen";

import { get, post } from "./ask";

type Schemas = components["schemas"];
export type LostTimeRow = Schemas["LostTimeRow"];

export const askLostTimes = (session: string): Promise<Schemas["LostTimesOut"]> => get(`/sessions/${session}/lost-time`);
export const decideLostTime = (session: string, row: LostTimeRow, accept: boolean, reason: string): Promise<LostTimeRow> =>
  post(`/sessions/${session}/lost-time/${row.attemptId}`, { fromMs: row.fromMs, accept, reason });
