import type { Translation } from "@kit/i18n";

import type { zhAudit } from "./zh.audit";

/** The same in English. */
export const enAudit: Translation<typeof zhAudit> = {
};
