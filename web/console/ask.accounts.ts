/** Calls about accounts, second factors, log-ins and keys. */
import type { components } from "@kit/api.gen";

import { bare, get, post } from "./ask";
import type { Me } from "./wire";

type Service = components["schemas"];
export type AccountRow = Required<Service["AccountRow"]>;
export type LoginRow = Service["LoginRow"];
export type KeyRow = Service["KeyRow"];
export type MyAccount = Service["MyAccountOut"];

export const giveCode = (code: string): Promise<Me> => post("/login/second", { code });
export const changePassword = (old: string, fresh: string): Promise<Me> => post("/my/password", { old, new: fresh });

export const askMyAccount = (): Promise<MyAccount> => get("/my/account");
export const beginSecondFactor = (password: string): Promise<Service["BeginSecondFactorOut"]> =>
  post("/my/second-factor/begin", { password });
export const confirmSecondFactor = (code: string): Promise<Service["RecoveryCodesOut"]> =>
  post("/my/second-factor/confirm", { code });
export const newRecoveryCodes = (code: string): Promise<Service["RecoveryCodesOut"]> =>
  post("/my/second-factor/codes", { code });
export const removeSecondFactor = (code: string): Promise<null> => post("/my/second-factor/remove", { code });

export const askMyLogins = (): Promise<Service["LoginsOut"]> => get("/my/logins");
export const endMyLogin = (id: string): Promise<null> => post("/my/logins/end", { id });
export const endMyOthers = (): Promise<Service["EndedOut"]> => bare("/my/logins/end-others");

export interface Accounts {
  serverMs: number;
  roles: string[];
  institutions: { id: string; name: string }[];
  accounts: AccountRow[];
}
export interface Given {
  account: AccountRow;
  password: string;
}
export interface NewAccount {
  loginName: string;
  name: string;
  role: string;
  institutionId: string | null;
  employerUscc: string;
  employerName: string;
}
export const askAccounts = (): Promise<Accounts> => get("/staff");
export const createAccount = (given: NewAccount): Promise<Given> => post("/staff", given);
export const changeRole = (id: string, role: string, institutionId: string | null): Promise<AccountRow> =>
  post(`/staff/${id}/role`, { role, institutionId });
export const closeAccount = (id: string): Promise<AccountRow> => bare(`/staff/${id}/disable`);
export const openAccount = (id: string): Promise<AccountRow> => bare(`/staff/${id}/enable`);
export const resetPassword = (id: string): Promise<Given> => bare(`/staff/${id}/password`);
export const resetSecondFactor = (id: string): Promise<AccountRow> => bare(`/staff/${id}/second-factor/reset`);
export const askLoginsOf = (id: string): Promise<Service["LoginsOut"]> => get(`/staff/${id}/logins`);
export const endLoginsOf = (id: string): Promise<Service["EndedOut"]> => post(`/staff/${id}/logins/end`, {});
export const askKeys = (id: string): Promise<Service["KeysOut"]> => get(`/staff/${id}/keys`);
export const makeKey = (id: string): Promise<Service["MadeKeyOut"]> => bare(`/staff/${id}/keys`);
export const revokeKey = (id: string, key: string): Promise<null> => bare(`/staff/${id}/keys/${key}/revoke`);
