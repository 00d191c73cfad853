/** Entry of the candidates' phone page. */
import "@kit/tokens.css";
import "@kit/theme.css";
import { createApp } from "vue";

import Phone from "./Phone.vue";

createApp(Phone).mount("#app");
