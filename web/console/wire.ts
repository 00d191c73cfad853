/** The shapes the console and the service exchange, as the service declares them (exam_api/http/wire_staff.py). */

export type Role =
  | "candidate"
  | "invigilator"
  | "institution-admin"
  | "item-author"
  | "item-reviewer"
  | "officer"
  | "auditor"
  | "operator"
  | "employer-clerk"
  | "ce-platform";

export interface Says {
  zh: string;
  en: string;
}

export interface Me {
  role: Role;
  name: string;
  institution: string | null;
  demo: boolean;
  serverMs: number;
  supportPhone: string;
  /** Of a log-in that is not whole: `code`, `password` or `enroll` is still to be done. */
  step: string;
}

export interface PoolRow {
  id: string;
  code: string;
  title: string;
  institution: string | null;
  versions: number;
  published: number | null;
  items: number;
  byKind: Record<string, number>;
  updatedMs: number;
}

export interface ImportCell {
  column: string;
  text: string;
}

/** The item that a near duplicate is like; `row` 0: it is in the pool. */
export interface ImportOther {
  id: string;
  sheet: string;
  row: number;
  kind: string;
  stem: string;
  options: string[];
  key: string;
  percent: number;
}

export interface ImportProblem {
  sheet: string;
  row: number;
  column: string;
  code: string;
  message: Says;
  cell: string;
  cells: ImportCell[];
  other: ImportOther | null;
}

export interface ImportPreviewItem {
  sheet: string;
  row: number;
  kind: string;
  stem: string;
  options: string[];
  key: string;
  change: string;
  pictures: number;
}

export interface ImportOut {
  file: string;
  layout: string;
  rows: number;
  accepted: number;
  rejected: number;
  warned: number;
  byKind: Record<string, number>;
  pictures: number;
  problems: ImportProblem[];
  items: ImportPreviewItem[];
  added: number;
  changed: number;
  unchanged: number;
  poolId: string | null;
  version: number | null;
}

export interface PublishOut {
  poolId: string;
  version: number;
  digest: string;
  /** Items that are not in it, since they are not approved. */
  leftOut: number;
  /** False: the newest published version holds just that. */
  isNew: boolean;
}

export interface Cell {
  outline: string;
  difficulty: number | null;
  /** With `difficulty`: anything from it up to here. */
  hardest: number | null;
  count: number;
}

export type Kind = "single" | "multi" | "judge";

export interface Section {
  title: string;
  /** null: item sets. */
  kind: Kind | null;
  count: number;
  pointsCenti: number;
  policy: string;
  shuffleItems: boolean;
  shuffleOptions: boolean;
  part: string;
  cells: Cell[];
}

/** What a blueprint bounds beside its cells. */
export interface Bounds {
  overlapPercent: number;
  sharePercent: number | null;
  restPapers: number | null;
  restDays: number;
}

export interface BlueprintIn extends Bounds {
  title: string;
  sections: Section[];
}

/** One click: the values that stand afterwards. */
export interface Repair {
  what: string;
  section: number;
  cell: number | null;
  count: number;
  outline: string;
  difficulty: number | null;
  hardest: number | null;
  sectionCount: number;
  other: number | null;
  otherCount: number;
  sharePercent: number | null;
  there: number;
}

export interface CellState {
  section: number;
  cell: number | null;
  wanted: number;
  there: number;
  sharePermille: number | null;
}

export interface Outlook {
  meanCenti: number;
  spreadCenti: number;
  levelsCenti: number[];
  commonCenti: number;
  highestPermille: number;
  exact: boolean;
}

export interface Infeasible {
  section: number;
  cell: number | null;
  wanted: number;
  available: number;
  message: Says;
  sharePercent: number | null;
  repairs: Repair[];
}

export interface BlueprintCheck {
  feasible: boolean;
  infeasible: Infeasible[];
  warnings: Says[];
  items: number;
  totalCenti: number;
  cells: CellState[];
  outlook: Outlook | null;
  repeat: { most: number; least: number | null } | null;
}

export interface BlueprintRow extends Bounds {
  id: string;
  title: string;
  digest: string;
  items: number;
  totalCenti: number;
  sections: Section[];
}

export interface Profile {
  id: string;
  title: Says;
  channel: string;
  items: number;
  fullCenti: number;
  passCenti: number;
  lengthMs: number;
  navigation: string;
  earliestHandInMs: number;
  latestEntryMs: number;
  takeover: string;
  lateOffline: string;
  confirmed: boolean;
  sections: Section[];
}

export interface SessionIn {
  title: string;
  poolId: string;
  blueprintId: string;
  profile: string;
  opensMs: number;
  closesMs: number;
  institutionId: string | null;
  passCenti: number | null;
  lengthMs: number | null;
  takeover: string | null;
}

export interface SessionRow {
  id: string;
  title: string;
  institution: string;
  channel: string;
  profile: string;
  profileConfirmed: boolean;
  opensMs: number;
  closesMs: number;
  latestEntryMs: number;
  lengthMs: number;
  passCenti: number;
  fullCenti: number;
  state: string;
  registrations: number;
  armed: boolean;
  roomCode: string;
  lent: boolean;
}

export interface RosterProblem {
  row: number;
  column: string;
  code: string;
  message: Says;
}

export interface RosterOut {
  rows: number;
  accepted: number;
  added: number;
  problems: RosterProblem[];
  stored: boolean;
}

export interface RegistrationRow {
  id: string;
  name: string;
  idNo: string;
  phone: string;
  ticketNo: string;
  seat: string;
  extraMs: number;
}

export interface TicketRow {
  id: string;
  name: string;
  ticketNo: string;
  qr: string;
}

export type AttemptState = "ready" | "running" | "paused" | "closed" | "void";

/** One candidate on the wall. Counts only: never which answers. */
export interface LiveRow {
  id: string;
  name: string;
  ticketNo: string;
  seat: string;
  state: AttemptState;
  answered: number;
  slots: number;
  fence: number;
  startedMs: number;
  deadlineMs: number;
  lastSeenMs: number;
  closedMs: number;
  closeKind: string | null;
  scoreCenti: number | null;
  passed: boolean | null;
  durable: boolean;
  lateOps: number;
  sideOps: number;
  takeoverAskedMs: number;
  hidden: number;
}

export interface LiveOut {
  serverMs: number;
  event: string;
  session: SessionRow;
  rows: LiveRow[];
}

export interface TakeoverCode {
  code: string;
  untilMs: number;
}

export interface HeldOp {
  fence: number;
  seq: number;
  slot: number;
  mask: number;
  clientMs: number;
}

export interface LateRow {
  id: string;
  name: string;
  ticketNo: string;
  sessionId: string;
  session: string;
  institution: string;
  ops: HeldOp[];
  firstMs: number;
  closedMs: number;
  state: string;
  reason: string;
  scoreCenti: number | null;
}

export interface ResultRow {
  id: string;
  name: string;
  idNo: string;
  ticketNo: string;
  state: string;
  run: number | null;
  scoreCenti: number | null;
  fullCenti: number | null;
  passed: boolean | null;
  closedMs: number;
  closeKind: string | null;
  lateState: string;
  sections: number[];
}

export interface ResultsOut {
  session: SessionRow;
  sectionTitles: string[];
  rows: ResultRow[];
}
