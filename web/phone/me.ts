/** Who is logged in on this phone, and the server's clock as the pages before the exam know it. */
import { ref, shallowRef } from "vue";

import { call, Problem } from "@kit/api";
import { NO_CLOCK, sampled, serverNow, type ServerClock } from "@kit/clock";
import { sizeOf } from "@kit/exam/size";
import type { MeOut, MyExam, MyExamsOut } from "@kit/wire";

export const me = shallowRef<MeOut | null>(null);
export const exams = shallowRef<readonly MyExam[]>([]);
const clock = ref<ServerClock>(NO_CLOCK);

/** Server ms now; null before the first answer. */
export const nowMs = (): number | null => serverNow(clock.value, performance.now());

async function asking<T extends { serverMs: number }>(work: () => Promise<T>): Promise<T> {
  const askedAt = performance.now();
  const out = await work();
  clock.value = sampled(clock.value, { serverMs: out.serverMs, askedAt, gotAt: performance.now() }).clock;
  return out;
}

export function welcome(out: MeOut): void {
  me.value = out;
  sizeOf(out.name);
}

/** Whether somebody is logged in. Throws `NoAnswer` when that cannot be known. */
export async function whoAmI(): Promise<boolean> {
  try {
    const out = await asking(() => call<MeOut>("GET", "/api/me"));
    // Staff have their own pages.
    if (out.role !== "candidate") return false;
    welcome(out);
    return true;
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return false;
    throw error;
  }
}

/** My exams, today's first. */
export async function loadExams(): Promise<readonly MyExam[]> {
  const out = await asking(() => call<MyExamsOut>("GET", "/api/my/exams"));
  exams.value = out.exams;
  return out.exams;
}

export async function findExam(id: string): Promise<MyExam | undefined> {
  return exams.value.find((exam) => exam.id === id) ?? (await loadExams()).find((exam) => exam.id === id);
}

export async function logOut(): Promise<void> {
  await call<undefined>("POST", "/api/logout");
  me.value = null;
  exams.value = [];
}
