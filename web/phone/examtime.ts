/** What an exam asks of its candidate now: values only, for the list and its one button. */
import { dayText, timeText } from "@kit/clock";
import type { MyExam } from "@kit/wire";

export type Step = "plan" | "enter" | "goOn" | "result" | "missed" | "void";

/** The one next step of an exam at a time. */
export function stepOf(exam: MyExam, now: number): Step {
  if (exam.state === "running" || exam.state === "paused") return "goOn";
  if (exam.state === "closed") return "result";
  if (exam.state === "void") return "void";
  if (exam.state === "missed" || now > exam.latestEntryMs) return "missed";
  return now >= exam.entryMs ? "enter" : "plan";
}

/** Over which time pages start by themselves where the service does not say: what it says of a small session. */
const SPREAD_MS = 600;

/** How long after the opening this page starts by itself; `share` is what it drew, from 0 to 1. */
export const ownDelayMs = (exam: MyExam, share: number): number => share * (exam.spreadMs ?? SPREAD_MS);

const RANK: Readonly<Record<Step, number>> = { goOn: 0, enter: 1, plan: 2, missed: 3, result: 4, void: 5 };

/** What is running first, then what can be entered, then by time. */
export function inOrder(exams: readonly MyExam[], now: number): MyExam[] {
  return [...exams].sort((a, b) => {
    const byRank = RANK[stepOf(a, now)] - RANK[stepOf(b, now)];
    if (byRank) return byRank;
    return stepOf(a, now) === "result" ? b.opensMs - a.opensMs : a.opensMs - b.opensMs;
  });
}

export const isToday = (ms: number, now: number): boolean => dayText(ms) === dayText(now);

/** `11月22日` of an instant. */
export function dayWords(ms: number, english: boolean): string {
  const [, month, day] = dayText(ms).split("-").map(Number);
  return english ? `${String(day)}/${String(month)}` : `${String(month)}月${String(day)}日`;
}

/** `11:18`, with its day where that is not today. */
export function momentText(ms: number, now: number, english: boolean): string {
  return isToday(ms, now) ? timeText(ms) : `${dayWords(ms, english)} ${timeText(ms)}`;
}

export const minutesOf = (ms: number): number => Math.round(ms / 60_000);
