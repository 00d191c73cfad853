/** Entry of the console: institution, department and invigilators. */
import "@kit/tokens.css";
import "./parts/element.css";
import "@kit/theme.css";
import "./console.css";
import { language, speak } from "@kit/i18n";
import { createApp } from "vue";

import Console from "./Console.vue";
import { followAddress } from "./route";
import { followTheme } from "./theme";

followTheme();
speak(language.value);
followAddress();
createApp(Console).mount("#app");
