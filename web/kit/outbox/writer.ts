/** Which of several tabs of one browser writes: Web Locks where the page has them, a short lease in storage elsewhere. */

export interface Election {
  /** Make this tab the writer; the other becomes a reader. */
  seize(): void;
  stop(): void;
}

/** How long a lease in storage lives without being renewed. */
const LEASE_MS = 3_000;
const RENEW_MS = 1_000;

/** Calls `changed` with whether this tab writes, now and whenever that turns. */
export function elect(attemptId: string, changed: (writer: boolean) => void): Election {
  const name = `kaowu-writer-${attemptId}`;
  return "locks" in navigator ? byLocks(name, changed) : byLease(name, changed);
}

function byLocks(name: string, changed: (writer: boolean) => void): Election {
  let stopped = false;
  let release: (() => void) | null = null;

  function request(steal: boolean): void {
    const hold = async (): Promise<void> => {
      if (stopped) return;
      changed(true);
      await new Promise<void>((resolve) => (release = resolve));
    };
    navigator.locks.request(name, steal ? { steal: true } : {}, hold).catch(() => {
      // Another tab took over: this one reads on and stands in line.
      release = null;
      if (stopped) return;
      changed(false);
      request(false);
    });
  }

  changed(false);
  request(false);
  return {
    seize: () => request(true),
    stop: () => {
      stopped = true;
      release?.();
    },
  };
}

function byLease(name: string, changed: (writer: boolean) => void): Election {
  const me = Math.random().toString(36).slice(2);
  let writer: boolean | null = null;

  function renew(seize: boolean): void {
    let mine = true;
    try {
      const [holder, until] = (localStorage.getItem(name) ?? "").split(" ");
      mine = seize || !holder || holder === me || Number(until) < Date.now();
      if (mine) localStorage.setItem(name, `${me} ${Date.now() + LEASE_MS}`);
    } catch {
      // No storage for leases: the transaction that keeps an op still lets no two tabs take one seq.
    }
    if (mine !== writer) changed((writer = mine));
  }

  renew(false);
  const timer = setInterval(() => renew(false), RENEW_MS);
  return {
    seize: () => renew(true),
    stop: () => {
      clearInterval(timer);
      try {
        if (writer) localStorage.removeItem(name);
      } catch {
        // Nothing was kept, nothing to take away.
      }
    },
  };
}
