/** Writes kit/api.gen.d.ts from the golden OpenAPI document; with --check it only compares. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";

import openapiTS, { astToString } from "openapi-typescript";

const golden = new URL("../../tests/golden/openapi.json", import.meta.url);
const target = new URL("../kit/api.gen.d.ts", import.meta.url);

const text = `/** Made by \`npm run types\` from tests/golden/openapi.json. Never edited. */\n${astToString(await openapiTS(golden))}`;
if (process.argv.includes("--check")) {
  if (!existsSync(target) || readFileSync(target, "utf8") !== text) {
    console.error("kit/api.gen.d.ts is not what tests/golden/openapi.json says: run `npm run types`.");
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
