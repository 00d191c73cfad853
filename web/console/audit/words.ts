/** How acts of the audit are called; those without a name of their own are shown as they are kept. */
import { zhAudit } from "../messages/zh.audit";
import { say } from "../say";

type ActKey = Extract<keyof typeof zhAudit, `audit.act.${string}`>;

/** Acts and beginnings of acts that can be chosen from. */
export const KNOWN: readonly string[] = Object.keys(zhAudit)
  .filter((key) => key.startsWith("audit.act."))
  .map((key) => key.slice("audit.act.".length));

export function sayAct(act: string): string {
  const key = `audit.act.${act}`;
  return key in zhAudit ? say(key as ActKey) : act;
}
