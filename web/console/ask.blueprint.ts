/** Calls of the blueprint screens: previews, exposure, the outline's words. */
import type { components } from "@kit/api.gen";

import { asTrouble, get, post } from "./ask";
import type { BlueprintIn } from "./wire";

type Wire = components["schemas"];
export type Preview = Wire["PreviewOut"];
export type PreviewPaper = Wire["PreviewPaperOut"];
export type Exposure = Wire["ExposureOut"];

export const previewPapers = (
  poolId: string,
  given: BlueprintIn,
  round: number,
  keys: boolean,
): Promise<Preview> => post("/blueprints/preview", given, { poolId, round, keys });

export const askExposure = (poolId: string, days: number): Promise<Exposure> =>
  get(`/pools/${poolId}/exposure`, { days });

/** The outline's titles by code; empty where the pool has none or is looked after by others. */
export async function askOutline(poolId: string): Promise<Map<string, string>> {
  try {
    const outline = await get<Wire["OutlineOut"]>(`/pools/${poolId}/outline`);
    return new Map(outline.branches.map((one) => [one.code, one.title]));
  } catch (thrown) {
    asTrouble(thrown);
    return new Map();
  }
}
