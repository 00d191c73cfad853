/** An attempt as a screen sees it: the outbox's view made reactive, ticking time, taps, toasts. Phone and desk share it. */
import { computed, onScopeDispose, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from "vue";

import { remaining } from "../clock";
import { browserWorld } from "../outbox/browser";
import { Outbox } from "../outbox/outbox";
import type { OutboxView } from "../outbox/ports";
import { elect } from "../outbox/writer";
import { say } from "../say";
import type { CommandOut, PaperItem } from "../wire";
import { deadSince, stampAlive } from "./alive";
import { NoAnswer, Problem } from "../api";
import { tapped } from "./choice";
import { bringPictures, dropPictures } from "./pictures";
import { clamped, dueNotice, mayAnswer, mayShow, walkOf, type Walk } from "./walk";
import { watchPage } from "./watching";

export interface Toast {
  readonly icon: "clock" | "device" | "info";
  readonly title: string;
  readonly text: string;
}

/** How long a toast stays: what must be read is in a frame, not here. */
const TOAST_MS = 4_000;
const LONG_TOAST_MS = 8_000;
const TICK_MS = 250;
const STALE_MS = 60_000;

export interface Sitting {
  readonly view: ShallowRef<OutboxView>;
  readonly leftMs: Ref<number | null>;
  /** Answers by slot, with a tap shown before the device has kept it. */
  readonly answers: ComputedRef<readonly number[]>;
  readonly walk: ComputedRef<Walk>;
  readonly done: ComputedRef<number>;
  readonly open: Ref<boolean>;
  readonly at: Ref<number>;
  readonly item: ComputedRef<PaperItem | undefined>;
  readonly toast: Ref<Toast | null>;
  /** How long no page of this attempt lived on this device before this one; 0 where none is worth telling. */
  readonly deadMs: Ref<number>;
  /** A message that must be acknowledged. */
  readonly message: ComputedRef<CommandOut | undefined>;
  /** Start or go on; throws the refusal. */
  enter(ask?: { takeover?: boolean; takeoverCode?: string }): Promise<void>;
  choose(item: PaperItem, bit: number): Promise<void>;
  clear(item: PaperItem): Promise<void>;
  go(slot: number): void;
  mark(slot: number): Promise<void>;
  isMarked(slot: number): boolean;
  understood(command: CommandOut): Promise<void>;
  handIn(): Promise<void>;
  /** Make this tab the writing one. */
  writeHere(): void;
  readonly outbox: Outbox;
  leave(): void;
}

/** `desk`: words say this machine instead of the phone. */
export function useSitting(attemptId: string, desk = false): Sitting {
  const world = browserWorld((next) => (view.value = next));
  const outbox = new Outbox(attemptId, world);
  const view: ShallowRef<OutboxView> = shallowRef(outbox.view);
  const leftMs = ref<number | null>(null);
  const open = ref(false);
  const at = ref(0);
  const toast = ref<Toast | null>(null);
  const tapping = shallowRef<ReadonlyMap<number, number>>(new Map());
  let toastTimer: ReturnType<typeof setTimeout> | undefined;
  let offlineSaid = false;
  const deadMs = ref(0);
  let stopStamps: ((over: boolean) => void) | null = null;
  let blockedSince: number | null = null;

  const answers = computed(() => view.value.answers.map((mask, slot) => tapping.value.get(slot) ?? mask));
  const walk = computed(() => walkOf(view.value.answers, view.value.start?.navigation ?? "free"));
  const done = computed(() => answers.value.filter((mask) => mask !== 0).length);
  const item = computed(() => view.value.paper?.items.find((one) => one.slot === at.value));
  const message = computed(() => view.value.commands.find((command) => command.kind === "message"));

  function show(next: Toast, ms = TOAST_MS): void {
    clearTimeout(toastTimer);
    toast.value = next;
    toastTimer = setTimeout(() => (toast.value = null), ms);
  }

  function tick(): void {
    view.value = outbox.view;
    const before = leftMs.value;
    leftMs.value = remaining(view.value.clock, performance.now(), view.value);
    open.value = outbox.open;
    const minutes = dueNotice(before, leftMs.value);
    const count = answers.value.length - done.value;
    if (minutes !== null && open.value) {
      const text = count ? say("time.counts", { done: done.value, open: count }) : say("time.countsAll", { done: done.value });
      show({ icon: "clock", title: say("time.notice", { n: minutes }), text });
    }
  }

  watch(
    () => view.value.jumps,
    () => show({ icon: "clock", title: say("time.corrected"), text: say("time.correctedText") }),
  );
  watch(
    () => view.value.row,
    (row) => {
      if (row !== "offline" || offlineSaid || !open.value) return;
      offlineSaid = true;
      show({ icon: "device", title: say("said.offlineTitle"), text: say(desk ? "said.offlineTextDesk" : "said.offlineText") }, LONG_TOAST_MS);
    },
  );
  watch(
    () => view.value.commands,
    (commands) => {
      for (const command of commands) {
        if (command.kind === "message") return;
        tell(command);
        void outbox.acknowledge(command.no);
      }
    },
  );

  function tell({ kind, ms, atMs, text }: CommandOut): void {
    // A device that takes over is told everything again; what was news long before it came is none now.
    if (atMs < (view.value.start?.serverMs ?? 0) - STALE_MS) return;
    if (kind === "extend") show({ icon: "clock", title: say("said.extend", { n: Math.round(ms / 60_000) }), text: "" }, LONG_TOAST_MS);
    if (kind === "credit") show(creditToast(ms, text), LONG_TOAST_MS);
    if (kind === "resume") show({ icon: "clock", title: say("said.resume"), text: say("said.resumeText") });
    if (kind === "late-accepted") show({ icon: "info", title: say("said.lateAccepted"), text: "" }, LONG_TOAST_MS);
    if (kind === "late-declined") show({ icon: "info", title: say("said.lateDeclined"), text: "" }, LONG_TOAST_MS);
  }

  const channel = "BroadcastChannel" in window ? new BroadcastChannel(`kaowu-${attemptId}`) : null;
  let writing = true;
  let entered = false;
  channel?.addEventListener("message", () => {
    if (!writing) void outbox.reread();
  });
  const election = elect(attemptId, (writer) => {
    const promoted = writer && !writing && entered;
    writing = writer;
    outbox.setWriting(writer);
    if (promoted) void outbox.enter().catch(() => undefined);
  });

  const stopWatching = watchPage({ say: (kind, ms) => outbox.event(kind, ms), woken: () => outbox.nudge() });
  const ticker = setInterval(tick, TICK_MS);

  async function keep(slot: number, version: string, mask: number): Promise<void> {
    tapping.value = new Map(tapping.value).set(slot, mask);
    try {
      await outbox.answer(slot, version, mask);
      channel?.postMessage("changed");
    } catch {
      // Refused by the device or too late: the view says why, the tap is taken back.
    } finally {
      const left = new Map(tapping.value);
      if (left.get(slot) === mask) left.delete(slot);
      tapping.value = left;
    }
  }

  function leave(): void {
    clearInterval(ticker);
    stopStamps?.(view.value.handIn !== null || view.value.handedIn !== null);
    clearTimeout(toastTimer);
    stopWatching();
    election.stop();
    channel?.close();
    outbox.close();
    dropPictures();
  }
  onScopeDispose(leave);

  const may = (slot: number): boolean => open.value && mayAnswer(walk.value, slot);

  return {
    view, leftMs, answers, walk, done, open, at, item, toast, deadMs, message, outbox, leave,
    async enter(ask = {}) {
      if (!stopStamps && !deadMs.value) {
        deadMs.value = deadSince(attemptId, localStorage, Date.now());
        if (deadMs.value) outbox.event("dead", deadMs.value);
      }
      try {
        await outbox.enter(ask);
      } catch (error) {
        if (isBusy(error)) blockedSince ??= performance.now();
        throw error;
      }
      if (blockedSince !== null) outbox.event("start-blocked", performance.now() - blockedSince);
      blockedSince = null;
      stopStamps ??= stampAlive(attemptId, localStorage, () => Date.now());
      entered = true;
      at.value = clamped(walk.value, view.value.at);
      tick();
      if (view.value.paper) void bringPictures(attemptId, view.value.paper);
    },
    choose: (one, bit) => (may(one.slot) ? keep(one.slot, one.version, tapped(one.kind, answers.value[one.slot] ?? 0, bit)) : Promise.resolve()),
    clear: (one) => (may(one.slot) ? keep(one.slot, one.version, 0) : Promise.resolve()),
    go(slot) {
      if (!mayShow(walk.value, slot)) return;
      at.value = slot;
      void outbox.remember({ at: slot });
    },
    async mark(slot) {
      const { marks } = view.value;
      await outbox.remember({ marks: marks.includes(slot) ? marks.filter((one) => one !== slot) : [...marks, slot] });
    },
    isMarked: (slot) => view.value.marks.includes(slot),
    understood: (command) => outbox.acknowledge(command.no),
    async handIn() {
      await outbox.handIn();
      channel?.postMessage("changed");
    },
    writeHere: () => election.seize(),
  };
}

/** The start is refused for the service's sake, not the candidate's. */
function isBusy(error: unknown): boolean {
  return error instanceof NoAnswer || (error instanceof Problem && (error.status >= 500 || error.status === 429));
}

/** Time given back, with why: the room's, a person's decision, the service's. */
function creditToast(ms: number, why: string): Toast {
  if (ms === 0) return { icon: "info", title: say("said.creditDeclined"), text: say("said.creditDeclinedText") };
  const title = ms < 60_000 ? say("said.credit", { n: Math.round(ms / 1000) }) : say("said.creditLong", { m: Math.floor(ms / 60_000), s: Math.round((ms % 60_000) / 1000) });
  return { icon: "clock", title, text: say(why === "" ? "said.creditText" : "said.creditLost") };
}
