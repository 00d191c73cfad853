/** A storage in memory behind the outbox's port, for tests; asked the same promises as IndexedDB (store.test.ts). */
import type { SubmitOut } from "../kit/wire";
import type { Held, KeptOp } from "../kit/outbox/line";
import { placed, StorageRefused, type Draft, type Kept, type OutboxStore } from "../kit/outbox/store";

export class MemoryOutbox implements OutboxStore {
  readonly sittings = new Map<string, Kept>();
  private readonly lines = new Map<string, KeptOp[]>();
  private readonly pictures = new Map<string, Blob>();
  /** From now on the device keeps nothing. */
  full = false;

  async find(attemptId: string): Promise<Kept | undefined> {
    return this.tried(() => this.sittings.get(attemptId));
  }

  async put(kept: Kept): Promise<void> {
    await this.tried(() => this.sittings.set(kept.attemptId, kept));
  }

  async patch(attemptId: string, change: Partial<Kept>): Promise<void> {
    await this.tried(() => {
      const kept = this.sittings.get(attemptId);
      if (kept) this.sittings.set(attemptId, { ...kept, ...change });
    });
  }

  async ops(attemptId: string, fence: number): Promise<KeptOp[]> {
    return this.tried(() => [...this.lineOf(attemptId, fence)]);
  }

  async append(attemptId: string, fence: number, origin: Held, draft: Draft): Promise<KeptOp> {
    return this.tried(() => {
      const line = this.lineOf(attemptId, fence);
      const op = placed(attemptId, fence, line.at(-1) ?? origin, draft);
      line.push(op);
      return op;
    });
  }

  async picture(attemptId: string, sha256: string): Promise<Blob | undefined> {
    return this.tried(() => this.pictures.get(`${attemptId} ${sha256}`));
  }

  async keepPicture(attemptId: string, sha256: string, picture: Blob): Promise<void> {
    await this.tried(() => this.pictures.set(`${attemptId} ${sha256}`, picture));
  }

  async finish(attemptId: string, handedIn: SubmitOut): Promise<void> {
    await this.tried(() => {
      const kept = this.sittings.get(attemptId);
      if (kept) this.sittings.set(attemptId, { ...kept, handedIn, start: null });
      for (const key of this.lines.keys()) if (key.startsWith(attemptId)) this.lines.delete(key);
      for (const key of this.pictures.keys()) if (key.startsWith(attemptId)) this.pictures.delete(key);
    });
  }

  private lineOf(attemptId: string, fence: number): KeptOp[] {
    const key = `${attemptId} ${fence}`;
    const line = this.lines.get(key) ?? [];
    this.lines.set(key, line);
    return line;
  }

  private tried<T>(work: () => T): Promise<T> {
    return this.full ? Promise.reject(new StorageRefused("QuotaExceededError")) : Promise.resolve(work());
  }
}
