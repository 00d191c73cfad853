/** What a candidate's page and the service say to each other; mirrors exam_api/http/wire_attempt.py. */

export type Kind = "single" | "multi" | "judge";
export type AttemptState = "ready" | "running" | "paused" | "closed" | "void" | "missed";
export type TookWord = "ok" | "behind" | "side" | "late" | "late-refused";
export type TakeoverPolicy = "staff" | "own" | "off";
export type ConsentChoice = "photos" | "no-photos";

export interface CodeIn {
  name: string;
  idNo: string;
}

export interface CodeOut {
  waitMs: number;
  demoCode: string | null;
}

export interface CandidateLoginIn extends CodeIn {
  code: string;
}

export interface TicketLoginIn {
  ticket: string;
  lastSix: string;
}

export interface DeskLoginIn {
  ticketNo: string;
  lastSix: string;
  roomCode: string;
}

export interface StaffLoginIn {
  loginName: string;
  password: string;
}

export interface MeOut {
  role: string;
  name: string;
  institution: string | null;
  demo: boolean;
  serverMs: number;
  supportPhone: string;
  /** Of a log-in that is not whole, what is still to be done; candidates' always are. */
  step: string;
}

export interface MyExam {
  /** Registration and attempt. */
  id: string;
  title: string;
  institution: string;
  channel: string;
  ticketNo: string;
  seat: string;
  entryMs: number;
  opensMs: number;
  latestEntryMs: number;
  closesMs: number;
  lengthMs: number;
  earliestHandInMs: number;
  items: number;
  fullCenti: number;
  passCenti: number;
  navigation: string;
  takeover: TakeoverPolicy;
  consent: ConsentChoice | "none";
  /** A page that starts by itself does so at some instant of this time after the opening; a process of before does not say. */
  spreadMs?: number;
  state: AttemptState;
  scoreCenti: number | null;
  passed: boolean | null;
  profileConfirmed: boolean;
}

export interface MyExamsOut {
  serverMs: number;
  exams: MyExam[];
}

export interface ConsentIn {
  choice: ConsentChoice;
  textVersion: string;
}

export interface PaperOption {
  /** Canonical option: bit number in an answer's mask. The order of the list is the order shown. */
  bit: number;
  text: string;
  picture: string | null;
}

export interface PaperItem {
  slot: number;
  version: string;
  kind: Kind;
  stem: string;
  pictures: string[];
  options: PaperOption[];
  section: number;
  setId: string | null;
}

export interface PaperSet {
  id: string;
  stem: string;
  pictures: string[];
}

export interface PaperSection {
  title: string;
  kind: Kind | null;
  count: number;
  pointsCenti: number;
  /** Name of the marking policy, e.g. `half_if_subset` or `partial_per_option:50`. */
  policy: string;
}

export interface Paper {
  digest: string;
  sections: PaperSection[];
  items: PaperItem[];
  sets: PaperSet[];
}

export interface StartIn {
  attemptId: string;
  storageKey: string;
  takeoverCode: string;
  takeover: boolean;
  /** Names the sealed paper that this device holds; empty: none. */
  sealedDigest: string;
}

export interface StartOut {
  attemptId: string;
  fence: number;
  storageKey: string;
  seq: number;
  /** Chain head at `seq`; null at 0. */
  head: string | null;
  /** What the server holds, by slot. */
  answers: number[];
  /** Null when `paperKey` opens what the device holds. */
  paper: Paper | null;
  paperKey: string | null;
  serverMs: number;
  startedMs: number;
  deadlineMs: number;
  remainingMs: number;
  /** Instant on the server's clock. */
  earliestHandInMs: number;
  state: AttemptState;
  navigation: string;
  watermark: string;
  sideOps: number;
  syncEveryMs: number;
}

/** A start with its paper, wherever that came from. */
export interface Opened extends StartOut {
  paper: Paper;
  paperKey: null;
}

export interface OpIn {
  seq: number;
  /** 1 answer, 2 hand-in. */
  kind: number;
  slot: number;
  version: string;
  mask: number;
  clientMs: number;
}

export interface EventIn {
  kind: string;
  clientMs: number;
  ms: number;
}

export interface SyncIn {
  base: number;
  baseHead: string | null;
  ops: OpIn[];
  events: EventIn[];
  ackCommand: number;
  wantSide: boolean;
}

export interface CommandOut {
  no: number;
  kind: string;
  atMs: number;
  text: string;
  ms: number;
}

export interface HeldOp {
  fence: number;
  seq: number;
  slot: number;
  mask: number;
  clientMs: number;
}

export interface SyncOut {
  took: TookWord;
  state: AttemptState;
  /** The writing fence: higher than the page's own means it may only show. */
  fence: number;
  seq: number;
  head: string | null;
  /** Up to which seq of the page's own fence the server has its ops, held or logged beside. */
  keptSeq: number;
  mac: string;
  serverMs: number;
  remainingMs: number;
  deadlineMs: number;
  commands: CommandOut[];
  side: HeldOp[];
  sideOps: number;
  lateOps: number;
}

export interface SubmitIn {
  base: number;
  baseHead: string | null;
  ops: OpIn[];
  /** Tapped without network: the page has been read-only since. */
  offline: boolean;
}

export interface SectionScoreOut {
  title: string;
  scoreCenti: number;
  fullCenti: number;
  right: number;
  count: number;
}

export interface ResultOut {
  attemptId: string;
  run: number;
  scoreCenti: number;
  fullCenti: number;
  passCenti: number;
  passed: boolean;
  sections: SectionScoreOut[];
  closedMs: number;
  closeKind: "manual" | "time" | "staff";
  lateOps: number;
  lateState: "none" | "open" | "accepted" | "declined" | "refused";
}

export interface SubmitOut {
  durable: boolean;
  result: ResultOut;
  receipt: string;
  serverMs: number;
}

export interface ItemReportIn {
  slot: number;
  text: string;
}

export interface PracticeOut {
  paper: Paper;
}

export interface PracticeMarkOut {
  right: boolean[];
  scoreCenti: number;
  fullCenti: number;
}
