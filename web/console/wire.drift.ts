/** No code: where wire.ts and the generated types of the service differ in their fields, this file does not compile. */
import type { components } from "@kit/api.gen";

import type { Institution } from "./ask";
import type * as wire from "./wire";

type Service = components["schemas"];
type Names<A, B> = [keyof A, keyof B] extends [keyof B, keyof A]
  ? true
  : { onlyHere: Exclude<keyof A, keyof B>; onlyThere: Exclude<keyof B, keyof A> };

export type Checked = {
  [Name in keyof Pairs]: Names<Pairs[Name], Name extends keyof Service ? Required<Service[Name]> : never>;
};

interface Pairs {
  Says: wire.Says;
  MeOut: wire.Me;
  PoolRow: wire.PoolRow;
  ImportCell: wire.ImportCell;
  ImportOther: wire.ImportOther;
  ImportProblem: wire.ImportProblem;
  ImportPreviewItem: wire.ImportPreviewItem;
  ImportOut: wire.ImportOut;
  PublishOut: wire.PublishOut;
  CellIn: wire.Cell;
  CellOut: wire.CellState;
  RepairOut: wire.Repair;
  OutlookOut: wire.Outlook;
  SectionIn: wire.Section;
  BlueprintIn: wire.BlueprintIn;
  InfeasibleOut: wire.Infeasible;
  BlueprintCheckOut: wire.BlueprintCheck;
  BlueprintRow: wire.BlueprintRow;
  ProfileOut: wire.Profile;
  InstitutionRow: Institution;
  SessionIn: wire.SessionIn;
  SessionRow: wire.SessionRow;
  RosterProblem: wire.RosterProblem;
  RosterOut: wire.RosterOut;
  RegistrationRow: wire.RegistrationRow;
  TicketRow: wire.TicketRow;
  LiveRow: wire.LiveRow;
  LiveOut: wire.LiveOut;
  TakeoverCodeOut: wire.TakeoverCode;
  HeldOp: wire.HeldOp;
  LateRow: wire.LateRow;
  ResultRow: wire.ResultRow;
  ResultsOut: wire.ResultsOut;
}

type AllTrue<T extends Record<keyof T, true>> = T;
export type Agreed = AllTrue<Checked>;
