/** Pictures of a paper: fetched ahead and kept with the paper, so that they open without network too. */
import { reactive } from "vue";

import { callBytes } from "../api";
import { deviceStore } from "../outbox/browser";
import type { Paper } from "../wire";

/** Object addresses of pictures that are on this device. */
const here = reactive(new Map<string, string>());

export const pictureUrl = (sha256: string): string => here.get(sha256) ?? `/api/media/${sha256}`;

function picturesOf(paper: Paper): string[] {
  const all = [
    ...paper.items.flatMap((item) => [...item.pictures, ...item.options.flatMap((option) => option.picture ?? [])]),
    ...paper.sets.flatMap((set) => set.pictures),
  ];
  return [...new Set(all)];
}

/** Bring all pictures here, one after the other; those that do not come are asked for when they are shown. */
export async function bringPictures(attemptId: string, paper: Paper): Promise<void> {
  for (const sha256 of picturesOf(paper)) {
    if (here.has(sha256)) continue;
    try {
      let picture = await deviceStore.picture(attemptId, sha256).catch(() => undefined);
      if (!picture) {
        picture = await callBytes(`/api/media/${sha256}`);
        await deviceStore.keepPicture(attemptId, sha256, picture).catch(() => undefined);
      }
      here.set(sha256, URL.createObjectURL(picture));
    } catch {
      // No network just now: the picture's own box offers to try again.
    }
  }
}

export function dropPictures(): void {
  for (const url of here.values()) URL.revokeObjectURL(url);
  here.clear();
}
