/** Calls about lost time. */
import type { components } from "@kit/api.gen";

import { get, post } from "./ask";

type Schemas = components["schemas"];
export type LostTimeRow = Schemas["LostTimeRow"];
export type RoomLostRow = Schemas["RoomLostRow"];
export type CreditRow = Schemas["CreditRow"];

export const askLostTimes = (session: string): Promise<Schemas["LostTimesOut"]> => get(`/sessions/${session}/lost-time`);
export const askRoomsLost = (): Promise<Schemas["RoomsLostOut"]> => get("/lost-time");
export const askCredits = (session: string): Promise<Schemas["CreditsOut"]> => get("/credits", session === "" ? {} : { session });
/** Without minutes it is what was lost. */
export const decideLostTime = (session: string, row: LostTimeRow, accept: boolean, reason: string, minutes: number | null = null): Promise<LostTimeRow> =>
  post(`/sessions/${session}/lost-time/${row.attemptId}`, { fromMs: row.fromMs, accept, reason, minutes });
