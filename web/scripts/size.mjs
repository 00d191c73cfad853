/** Fails when the phone's exam screen, everything it loads counted, is over its budget. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

/** Bytes after gzip that the exam screen may load in all (ui reference §8). */
const BUDGET = 110 * 1024;
const EXAM = "screens/exam/Exam.vue";

const out = fileURLToPath(new URL("../dist/phone", import.meta.url));
const manifest = JSON.parse(readFileSync(join(out, ".vite", "manifest.json"), "utf8"));

/** What one chunk needs before it can run: itself and its static imports. */
function loads(key, seen = new Set()) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of manifest[key].imports ?? []) loads(next, seen);
  return seen;
}

const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
const exam = Object.keys(manifest).find((key) => key.endsWith(EXAM));
if (!entry || !exam) throw new Error("the build has no entry or no exam screen: run `npm run build` first");

const names = new Set(["index.html"]);
// Whatever the exam screen itself may fetch later counts too (the picture viewer), but not the screen that follows it.
const later = (manifest[exam].dynamicImports ?? []).filter((key) => !key.endsWith("Result.vue"));
const shared = [...loads(exam)].flatMap((key) => manifest[key].dynamicImports ?? []).filter((key) => key.endsWith("zoomed.ts"));
for (const key of [entry, exam, ...later, ...shared].flatMap((start) => [...loads(start)])) {
  names.add(manifest[key].file);
  for (const css of manifest[key].css ?? []) names.add(css);
}
let total = 0;
for (const name of names) {
  const size = gzipSync(readFileSync(join(out, name)), { level: 9 }).length;
  total += size;
  console.log(`${(size / 1024).toFixed(1).padStart(7)} KB  ${name}`);
}
console.log(`${(total / 1024).toFixed(1).padStart(7)} KB  exam screen in all, budget ${BUDGET / 1024} KB`);
if (total > BUDGET) process.exit(1);
