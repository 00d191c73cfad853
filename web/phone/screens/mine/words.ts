/** Words for the codes by which the service names fields, kinds of data, and grounds. */
import { zh } from "../../messages/zh";
import { t } from "../../say";

type Key = keyof typeof zh;

/** The word of a code; what an officer wrote stays as it is. */
function word(about: "field" | "kind" | "why" | "state" | "notice", code: string): string {
  const key = `mine.${about}.${code}`;
  return key in zh ? t(key as Key & "mine.field.name") : code;
}

export const fieldWord = (code: string): string => word("field", code);
export const kindWord = (code: string): string => word("kind", code);
export const whyWord = (code: string): string => word("why", code);
export const stateWord = (code: string): string => word("state", code);
export const noticeWord = (code: string): string => word("notice", code);
