/** Calls about persons, employers, institutions and what persons ask for. */
import type { components } from "@kit/api.gen";

import { bare, get, post, upload } from "./ask";

type Schemas = components["schemas"];
export type PersonRow = Schemas["PersonRow"];
export type PersonOut = Schemas["PersonOut"];
export type PeopleImportOut = Schemas["PeopleImportOut"];
export type EmployerRow = Schemas["EmployerRow"];
export type InstitutionFileRow = Schemas["InstitutionFileRow"];
export type InstitutionFileIn = Schemas["InstitutionFileIn"];
export type CorrectionRow = Schemas["CorrectionRow"];
export type ErasureRow = Schemas["ErasureRow"];

export const askPeople = (words: string, after?: string): Promise<Schemas["PeopleOut"]> =>
  get("/people", after === undefined ? { words } : { words, after });
export const peopleBook = (words: string): string => `/api/people.xlsx?${new URLSearchParams({ words }).toString()}`;
export const askPerson = (id: string): Promise<PersonOut> => get(`/people/${id}`);
export const openNumber = (id: string, reason: string): Promise<{ idNo: string }> => post(`/people/${id}/number`, { reason });
export const importPeople = (file: Blob, filename: string, store: boolean): Promise<PeopleImportOut> =>
  upload("/people/import", file, { filename, store });
export const holdPerson = (id: string, reason: string): Promise<null> => post(`/people/${id}/hold`, { reason });
export const liftHold = (id: string): Promise<null> => bare(`/people/${id}/hold/lift`);

export const askEmployers = (words: string): Promise<{ employers: EmployerRow[] }> => get("/employers", { words });
export const keepEmployer = (uscc: string, name: string): Promise<null> => post("/employers", { uscc, name });
export const confirmEmployment = (id: string): Promise<null> => bare(`/employments/${id}/confirm`);
export const endEmployment = (id: string, until: string): Promise<null> => post(`/employments/${id}/end`, { until });
export const askInstitutionFiles = (): Promise<{ institutions: InstitutionFileRow[] }> => get("/institution-files");
export const keepInstitutionFile = (id: string, file: InstitutionFileIn): Promise<null> => post(`/institution-files/${id}`, file);

export const askLenders = (session: string): Promise<{ institutions: string[] }> => get(`/sessions/${session}/lenders`);
export const setLenders = (session: string, institutions: readonly string[]): Promise<null> =>
  post(`/sessions/${session}/lenders`, { institutions });

export const askCorrections = (): Promise<{ corrections: CorrectionRow[] }> => get("/corrections");
export const decideCorrection = (id: string, grant: boolean, answer: string): Promise<CorrectionRow> =>
  post(`/corrections/${id}/decide`, { grant, answer });
export const askErasures = (): Promise<{ erasures: ErasureRow[] }> => get("/erasures");
export const decideErasure = (id: string, grant: boolean, answer: string): Promise<ErasureRow> =>
  post(`/erasures/${id}/decide`, { grant, answer });
