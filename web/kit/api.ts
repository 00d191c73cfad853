/** Typed calls to the service. A refusal is a `Problem` known by its slug; its English detail is never shown to anyone. */

/** The service said no, and why: `slug` is a message key, `facts` are what the message needs. */
export class Problem extends Error {
  constructor(
    readonly slug: string,
    readonly status: number,
    readonly facts: Readonly<Record<string, unknown>>,
    /** How long the service asks to be left alone. */
    readonly waitMs: number | null,
    /** By which the service's log knows the refused call; empty where somebody between refused it. */
    readonly reference = "",
  ) {
    super(slug);
  }

  /** A number among the facts, or null. */
  number(fact: string): number | null {
    const value = this.facts[fact];
    return typeof value === "number" ? value : null;
  }

  text(fact: string): string {
    const value = this.facts[fact];
    return typeof value === "string" ? value : "";
  }
}

/** No answer came: no network, a broken line, or too slow. */
export class NoAnswer extends Error {}

export type Method = "GET" | "POST";

export interface CallOptions {
  /** JSON body, or bytes as they are. */
  body?: unknown;
  query?: Readonly<Record<string, string | number | boolean | undefined>>;
  timeoutMs?: number;
  signal?: AbortSignal;
  /** Let the browser finish the call after the page has gone. */
  keepalive?: boolean;
}

/** How long a call may take before it counts as unanswered: a slow mobile line needs several seconds. */
export const TIMEOUT_MS = 12_000;

/** What proves since when this page asks for something it was told to wait for, by method and path. */
const turns = new Map<string, string>();

/** Whether who was refused will ask for the same thing again, and so keeps the place in line. */
const comesAgain = (refused: Problem): boolean => refused.status >= 500 || refused.status === 429;

async function respond(method: Method, path: string, options: CallOptions): Promise<Response> {
  const url = new URL(path, location.origin);
  for (const [name, value] of Object.entries(options.query ?? {})) if (value !== undefined) url.searchParams.set(name, String(value));
  const raw = options.body instanceof Blob || options.body instanceof ArrayBuffer;
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), options.timeoutMs ?? TIMEOUT_MS);
  options.signal?.addEventListener("abort", () => giveUp.abort(), { once: true });
  const headers: Record<string, string> = { accept: "application/json" };
  const init: RequestInit = {
    method,
    credentials: "same-origin",
    cache: "no-store",
    signal: giveUp.signal,
    keepalive: options.keepalive ?? false,
    headers,
  };
  const turn = turns.get(`${method} ${path}`);
  if (turn) headers["x-turn"] = turn;
  if (options.body !== undefined) {
    init.body = raw ? (options.body as Blob | ArrayBuffer) : JSON.stringify(options.body);
    headers["content-type"] = raw ? "application/octet-stream" : "application/json";
  }
  try {
    const response = await fetch(url, init);
    if (!response.ok) throw await problemOf(response);
    turns.delete(`${method} ${path}`);
    return response;
  } catch (error) {
    if (!(error instanceof Problem)) throw new NoAnswer(`${method} ${path}`);
    if (error.slug === "must-wait") turns.set(`${method} ${path}`, error.text("turn"));
    else if (!comesAgain(error)) turns.delete(`${method} ${path}`);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Ask for JSON. Throws `Problem` or `NoAnswer`, nothing else. */
export async function call<T>(method: Method, path: string, options: CallOptions = {}): Promise<T> {
  const response = await respond(method, path, options);
  if (response.status === 204) return undefined as T;
  try {
    return (await response.json()) as T;
  } catch {
    throw new NoAnswer(`${method} ${path}`);
  }
}

/** Ask for bytes. Throws `Problem` or `NoAnswer`, nothing else. */
export async function callBytes(path: string, { method = "GET", ...options }: CallOptions & { method?: Method } = {}): Promise<Blob> {
  const response = await respond(method, path, { timeoutMs: 60_000, ...options });
  try {
    return await response.blob();
  } catch {
    throw new NoAnswer(`${method} ${path}`);
  }
}

/** Ask for bytes and a header that comes with them. Throws `Problem` or `NoAnswer`, nothing else. */
export async function callWithHeader(path: string, header: string): Promise<{ bytes: ArrayBuffer; value: string }> {
  const response = await respond("GET", path, { timeoutMs: 60_000 });
  try {
    return { bytes: await response.arrayBuffer(), value: response.headers.get(header) ?? "" };
  } catch {
    throw new NoAnswer(`GET ${path}`);
  }
}

async function problemOf(response: Response): Promise<Problem> {
  let facts: Record<string, unknown> = {};
  try {
    const body: unknown = await response.json();
    if (typeof body === "object" && body !== null) facts = body as Record<string, unknown>;
  } catch {
    // A proxy's page in place of a problem: the status says enough.
  }
  const type = typeof facts["type"] === "string" ? facts["type"] : "";
  return new Problem(type.slice(type.lastIndexOf("/") + 1) || `status-${response.status}`, response.status, facts, waitOf(response), response.headers.get("x-request-id") ?? "");
}

function waitOf(response: Response): number | null {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null;
}
