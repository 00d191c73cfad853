/** Calls of the console to the service, one function for each. */
import { call, NoAnswer, Problem } from "@kit/api";
import type { Trouble as Told } from "@kit/say";

import { leave } from "./me";
import { say, sayProblem } from "./say";
import type {
  BlueprintCheck,
  BlueprintIn,
  BlueprintRow,
  ImportOut,
  LateRow,
  LiveOut,
  LiveRow,
  Me,
  PoolRow,
  Profile,
  PublishOut,
  RegistrationRow,
  ResultsOut,
  RosterOut,
  SessionIn,
  SessionRow,
  TakeoverCode,
  TicketRow,
} from "./wire";

/** The service refused, or nobody answered. */
export type Trouble = Problem | NoAnswer;

/** What went wrong, for people. */
export function sayTrouble(trouble: Trouble): string {
  return trouble instanceof Problem ? sayProblem(trouble) : say("problem.no-answer");
}

/** The same with the reference by which the service's log knows the call. */
export function toldTrouble(trouble: Trouble): Told {
  return { text: sayTrouble(trouble), reference: trouble instanceof Problem ? trouble.reference : "" };
}

/** Any thrown thing as a Trouble: what is not one is a fault of the page and goes on. */
export function asTrouble(thrown: unknown): Trouble {
  if (thrown instanceof Problem || thrown instanceof NoAnswer) return thrown;
  throw thrown;
}

/** A workbook of 30 MB over a slow line, and its reading, may take this long. */
const UPLOAD_MS = 180_000;

type Query = Record<string, string | number | boolean | undefined>;

async function ask<T>(method: "GET" | "POST", path: string, query: Query = {}, body?: unknown): Promise<T> {
  try {
    const timing = body instanceof Blob ? { timeoutMs: UPLOAD_MS } : {};
    return await call<T>(method, `/api${path}`, { query, body, ...timing });
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.slug === "not-logged-in") leave();
    throw thrown;
  }
}

export const get = <T>(path: string, query?: Query): Promise<T> => ask<T>("GET", path, query);
export const post = <T>(path: string, body: unknown, query?: Query): Promise<T> => ask<T>("POST", path, query, body);
export const bare = <T>(path: string, query?: Query): Promise<T> => ask<T>("POST", path, query);
export const upload = <T>(path: string, file: Blob, query: Query): Promise<T> => ask<T>("POST", path, query, file);

export const askMe = (): Promise<Me> => get("/me");
export const logIn = (loginName: string, password: string): Promise<Me> =>
  post("/login/staff", { loginName, password });
export const logOut = (): Promise<null> => bare("/logout");

export const askPools = (): Promise<{ pools: PoolRow[] }> => get("/pools");
export interface PoolImport {
  filename: string;
  title?: string;
  poolId?: string;
  validRowsOnly: boolean;
  store: boolean;
  /** JSON of column → field, where a person had to say what the columns hold. */
  mapping?: string;
  headerRow?: number;
  sheet?: string;
}
export const importPool = (file: Blob, given: PoolImport): Promise<ImportOut> =>
  upload("/pools/import", file, { ...given });
export const publishPool = (id: string): Promise<PublishOut> => bare(`/pools/${id}/publish`);

export const askBlueprints = (): Promise<{ blueprints: BlueprintRow[] }> => get("/blueprints");
export const checkBlueprint = (poolId: string, given: BlueprintIn): Promise<BlueprintCheck> =>
  post("/blueprints/check", given, { poolId });
export const storeBlueprint = (poolId: string, given: BlueprintIn): Promise<BlueprintRow> =>
  post("/blueprints", given, { poolId });
export const askProfiles = (): Promise<{ profiles: Profile[] }> => get("/profiles");

export interface Institution {
  id: string;
  name: string;
}
export const askInstitutions = (): Promise<{ institutions: Institution[] }> => get("/institutions");
export const askSessions = (): Promise<{ serverMs: number; sessions: SessionRow[] }> => get("/sessions");
export const createSession = (given: SessionIn): Promise<SessionRow> => post("/sessions", given);
export const importRoster = (session: string, file: Blob, filename: string, store: boolean): Promise<RosterOut> =>
  upload(`/sessions/${session}/roster`, file, { filename, store });
export const askRegistrations = (session: string): Promise<{ registrations: RegistrationRow[] }> =>
  get(`/sessions/${session}/registrations`);
export const askTickets = (session: string): Promise<{ tickets: TicketRow[] }> => get(`/sessions/${session}/tickets`);
export const openSession = (session: string): Promise<SessionRow> => bare(`/sessions/${session}/open`);

export const askLive = (session: string): Promise<LiveOut> => get(`/sessions/${session}/live`);
export const watchAddress = (session: string): string => `/api/sessions/${session}/watch`;

const attempt = (session: string, id: string, act: string): string => `/sessions/${session}/attempts/${id}/${act}`;
export const extendAttempt = (session: string, id: string, minutes: number, reason: string): Promise<LiveRow> =>
  post(attempt(session, id, "extend"), { minutes, reason });
export type ReasonedAct = "pause" | "resume" | "terminate";
export const actOnAttempt = (session: string, id: string, act: ReasonedAct, reason: string): Promise<LiveRow> =>
  post(attempt(session, id, act), { reason });
export const messageAttempt = (session: string, id: string, text: string): Promise<LiveRow> =>
  post(attempt(session, id, "message"), { text });
export const askTakeoverCode = (session: string, id: string): Promise<TakeoverCode> =>
  bare(attempt(session, id, "takeover-code"));

export const askLate = (session?: string): Promise<{ requests: LateRow[] }> =>
  get("/late", session === undefined ? {} : { session });
export const decideLate = (id: string, accept: boolean, reason: string): Promise<LateRow> =>
  post(`/late/${id}/decide`, { accept, reason });
export const askResults = (session: string): Promise<ResultsOut> => get(`/sessions/${session}/results`);
export const resultsBook = (session: string): string => `/api/sessions/${session}/results.xlsx`;
