/** What waits today. */
import type { components } from "@kit/api.gen";

import { get } from "./ask";

export const askHome = (): Promise<components["schemas"]["HomeOut"]> => get("/home");
