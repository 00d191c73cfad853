/** What a page can say about itself during an exam: hidden, blurred, reloaded, offline. Claims, not findings. */

type Say = (this: void, kind: string, ms?: number) => void;

export interface Watching {
  /** Called when the page is seen again or the network is back. */
  readonly woken: (this: void) => void;
  readonly say: Say;
}

/** Listen to the page; gives the way to stop. */
export function watchPage({ say, woken }: Watching): () => void {
  let hiddenAt: number | null = null;
  let blurredAt: number | null = null;
  const stop = new AbortController();
  const { signal } = stop;

  const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  if (entry?.type === "reload") say("reload");

  document.addEventListener(
    "visibilitychange",
    () => {
      if (document.hidden) {
        hiddenAt = performance.now();
        say("hidden");
      } else {
        say("shown", hiddenAt === null ? 0 : performance.now() - hiddenAt);
        hiddenAt = null;
        woken();
      }
    },
    { signal },
  );
  function on(type: string, heard: () => void): void {
    window.addEventListener(type, heard, { signal });
  }
  on("blur", () => {
    blurredAt = performance.now();
    say("blur");
  });
  on("focus", () => {
    say("focus", blurredAt === null ? 0 : performance.now() - blurredAt);
    blurredAt = null;
  });
  on("online", () => {
    say("online");
    woken();
  });
  on("offline", () => say("offline"));
  on("pageshow", woken);
  return () => stop.abort();
}
