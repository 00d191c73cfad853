/** Who is logged in on this page: undefined while asked, null for nobody. */

import { computed, ref } from "vue";

import { may, type Act } from "./rights";
import type { Me } from "./wire";

export const me = ref<Me | null>();

export function enter(person: Me): void {
  me.value = person;
}

/** The service no longer knows this login. */
export function leave(): void {
  me.value = null;
}

export function mayI(act: Act): boolean {
  return may(me.value?.role, act);
}

export const house = computed(() => me.value?.institution ?? "");
