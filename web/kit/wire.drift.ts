/**
 * No code: where wire.ts and the generated types of the service differ in their fields, this file does not compile.
 *
 * wire.ts is kept by hand because it is narrower (kinds and states as words) and says what the fields mean.
 */
import type { components } from "./api.gen";
import type * as wire from "./wire";

type Service = components["schemas"];
type Names<A, B> = [keyof A, keyof B] extends [keyof B, keyof A] ? true : { onlyHere: Exclude<keyof A, keyof B>; onlyThere: Exclude<keyof B, keyof A> };

/** Every candidate structure by its name; a name that one side lacks is an error too. */
export type Checked = {
  [Name in keyof Pairs]: Names<Pairs[Name], Name extends keyof Service ? Required<Service[Name]> : never>;
};

interface Pairs {
  CodeIn: wire.CodeIn;
  CodeOut: wire.CodeOut;
  CandidateLoginIn: wire.CandidateLoginIn;
  TicketLoginIn: wire.TicketLoginIn;
  DeskLoginIn: wire.DeskLoginIn;
  StaffLoginIn: wire.StaffLoginIn;
  MeOut: wire.MeOut;
  MyExam: wire.MyExam;
  MyExamsOut: wire.MyExamsOut;
  ConsentIn: wire.ConsentIn;
  Paper: wire.Paper;
  PaperItem: wire.PaperItem;
  PaperOption: wire.PaperOption;
  PaperSection: wire.PaperSection;
  PaperSet: wire.PaperSet;
  StartIn: wire.StartIn;
  StartOut: wire.StartOut;
  SyncIn: wire.SyncIn;
  OpIn: wire.OpIn;
  EventIn: wire.EventIn;
  SyncOut: wire.SyncOut;
  CommandOut: wire.CommandOut;
  HeldOp: wire.HeldOp;
  SubmitIn: wire.SubmitIn;
  SubmitOut: wire.SubmitOut;
  ResultOut: wire.ResultOut;
  SectionScoreOut: wire.SectionScoreOut;
  ItemReportIn: wire.ItemReportIn;
  PracticeOut: wire.PracticeOut;
  PracticeMarkOut: wire.PracticeMarkOut;
}

type AllTrue<T extends Record<keyof T, true>> = T;
export type Agreed = AllTrue<Checked>;
