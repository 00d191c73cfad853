/** A waiting room's part in sealed papers: fetch one ahead of the start, quietly, not all phones at once. */
import { onScopeDispose, ref, type Ref } from "vue";

import { againMs, mustWait } from "./line";
import { bringSealed, canOpen, mayComeLater } from "./sealed";

/** Phones of a session fetch within this time, or within half of what is left. */
const SPREAD_MS = 10_000;
/** So close to the start the fetch would only be in its way. */
const TOO_LATE_MS = 1_500;
const AGAIN_MS = 20_000;

/** True once the paper lies on this device; `leftMs` tells how long it is to the start, null while unknown; `early` before the entry. */
export function useSealed(attemptId: string, leftMs: () => number | null, early: () => boolean): Ref<boolean> {
  const here = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Nobody waits here any more: a fetch under way plans no other. */
  let over = false;

  async function bring(): Promise<void> {
    const left = leftMs();
    if (left !== null && left < TOO_LATE_MS) return;
    if (early()) {
      timer = setTimeout(() => void bring(), AGAIN_MS);
      return;
    }
    try {
      here.value = await bringSealed(attemptId);
    } catch (error) {
      if (!over && mayComeLater(error)) timer = setTimeout(() => void bring(), mustWait(error) ? againMs(error) : AGAIN_MS);
    }
  }

  function plan(): void {
    const left = leftMs();
    timer = left === null ? setTimeout(plan, 500) : setTimeout(() => void bring(), Math.random() * Math.max(0, Math.min(SPREAD_MS, left / 2 - TOO_LATE_MS)));
  }

  if (canOpen()) plan();
  onScopeDispose(() => {
    over = true;
    clearTimeout(timer);
  });
  return here;
}
