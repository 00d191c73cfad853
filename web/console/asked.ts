/** A value asked of the service for a screen: loading, there, or refused with a way to ask again. */

import { ref, shallowRef, type Ref, type ShallowRef } from "vue";

import { asTrouble, type Trouble } from "./ask";

export interface Asked<T> {
  value: ShallowRef<T | null>;
  trouble: ShallowRef<Trouble | null>;
  busy: Ref<boolean>;
  ask: () => Promise<void>;
}

/** Asks at once, and again whenever `ask` is called. A late reply to an earlier question is dropped. */
export function asked<T>(question: () => Promise<T>): Asked<T> {
  const value = shallowRef<T | null>(null);
  const trouble = shallowRef<Trouble | null>(null);
  const busy = ref(false);
  let newest = 0;
  async function ask(): Promise<void> {
    const mine = (newest += 1);
    busy.value = true;
    try {
      const reply = await question();
      if (mine !== newest) return;
      value.value = reply;
      trouble.value = null;
    } catch (thrown) {
      if (mine === newest) trouble.value = asTrouble(thrown);
    } finally {
      if (mine === newest) busy.value = false;
    }
  }
  void ask();
  return { value, trouble, busy, ask };
}

/** An act with its own wait and refusal, for buttons. Resolves to null when refused. */
export function acting(): {
  busy: Ref<boolean>;
  trouble: ShallowRef<Trouble | null>;
  act: <T>(what: () => Promise<T>) => Promise<T | null>;
} {
  const trouble = shallowRef<Trouble | null>(null);
  const busy = ref(false);
  async function act<T>(what: () => Promise<T>): Promise<T | null> {
    if (busy.value) return null;
    busy.value = true;
    trouble.value = null;
    try {
      return await what();
    } catch (thrown) {
      trouble.value = asTrouble(thrown);
      return null;
    } finally {
      busy.value = false;
    }
  }
  return { busy, trouble, act };
}
