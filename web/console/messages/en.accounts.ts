import type { Translation } from "@kit/i18n";

import type { zhAccounts } from "./zh.accounts";

/** The same in English. */
export const enAccounts: Translation<typeof zhAccounts> = {
};
