/** Everything kept about one attempt, in memory and on the device; a device that keeps nothing is noticed, not fatal. */
import { newKept, StorageRefused, type Draft, type Kept, type OutboxStore } from "./store";
import { newLine, type KeptOp, type Line } from "./line";
import type { SyncOut } from "../wire";

export class Keeper {
  kept: Kept;
  /** False once the device refused to keep something. */
  ok = true;

  constructor(
    private readonly attemptId: string,
    private readonly store: OutboxStore,
    private readonly newKey: () => string,
  ) {
    this.kept = newKept(attemptId, "");
  }

  /** Read what is kept; the first time a storage key is made and kept before the server hears of it. */
  async recall(): Promise<Line> {
    let line = newLine(0, { seq: 0, head: null }, []);
    await this.tried(async () => {
      const found = await this.store.find(this.attemptId);
      this.kept = found ?? newKept(this.attemptId, this.newKey());
      if (!found) await this.store.put(this.kept);
      if (!found?.start) return;
      const ops = await this.store.ops(this.attemptId, found.start.fence);
      line = { ...newLine(found.start.fence, found.origin, ops), held: found.held, beside: found.beside, mode: found.mode };
    });
    if (!this.kept.storageKey) this.kept = newKept(this.attemptId, this.newKey());
    return line;
  }

  /** The draft as the newest op of its fence. Throws `StorageRefused`: then the answer was not given. */
  async append(line: Line, draft: Draft): Promise<KeptOp> {
    try {
      return await this.store.append(this.attemptId, line.fence, line.origin, draft);
    } catch (error) {
      this.ok = false;
      throw error;
    }
  }

  async reread(line: Line): Promise<Line> {
    return { ...line, ops: await this.store.ops(this.attemptId, line.fence) };
  }

  /** A changed end or state is kept with the start, for a reload without network. */
  async keepTime({ deadlineMs, remainingMs, state, sideOps }: SyncOut): Promise<void> {
    const { start } = this.kept;
    if (!start || (start.deadlineMs === deadlineMs && start.state === state)) return;
    await this.patch({ start: { ...start, deadlineMs, remainingMs, state, sideOps } });
  }

  async put(change: Partial<Kept>): Promise<void> {
    this.kept = { ...this.kept, ...change };
    await this.tried(() => this.store.put(this.kept));
  }

  async patch(change: Partial<Kept>): Promise<void> {
    this.kept = { ...this.kept, ...change };
    await this.tried(() => this.store.patch(this.attemptId, change));
  }

  async keepLine({ held, beside, mode }: Line): Promise<void> {
    const { kept } = this;
    if (held !== kept.held || beside !== kept.beside || mode !== kept.mode) await this.patch({ held, beside, mode });
  }

  /** The result is durable: what was kept for safety may go. */
  async finish(): Promise<void> {
    const { handedIn } = this.kept;
    if (handedIn) await this.tried(() => this.store.finish(this.attemptId, handedIn));
  }

  private async tried(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof StorageRefused)) throw error;
      this.ok = false;
    }
  }
}
