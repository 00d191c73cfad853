/** Entry of the console: institution, department and invigilators. */
import "@kit/tokens.css";
import "./parts/element.css";
import "@kit/theme.css";
import "./console.css";
import { createApp } from "vue";

import Console from "./Console.vue";
import { followAddress } from "./route";
import { followTheme } from "./theme";

followTheme();
followAddress();
createApp(Console).mount("#app");
