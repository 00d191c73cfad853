import type { Translation } from "@kit/i18n";

import type { zhPeople } from "./zh.people";

/** The same in English. */
export const enPeople: Translation<typeof zhPeople> = {
};
