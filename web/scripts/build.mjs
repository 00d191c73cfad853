/** Builds the pages one by one, each with its own base and assets, then the service workers; prints gzip sizes. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import vue from "@vitejs/plugin-vue";
import { build } from "vite";

const web = fileURLToPath(new URL("..", import.meta.url));
/** Pages with a service worker: those an exam runs on. */
const WORKERS = new Set(["phone", "desk"]);
const wanted = process.argv.slice(2);
const pages = (wanted.length ? wanted : ["phone", "desk", "console"]).filter((page) =>
  existsSync(join(web, page, "index.html")),
);

function files(folder, under = "") {
  return readdirSync(join(folder, under), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? files(folder, join(under, entry.name)) : [join(under, entry.name)],
  );
}

async function buildPage(page) {
  await build({
    configFile: join(web, "vite.config.ts"),
    root: join(web, page),
    base: `/${page}/`,
    logLevel: "warn",
    // Element Plus still uses the options API in places; phone and desk do not.
    define: { __VUE_OPTIONS_API__: String(page === "console") },
    build: { outDir: join(web, "dist", page), emptyOutDir: true },
  });
}

/** The worker is built last: the list of the shell's files is put into it, with a hash for those that keep their name. */
async function buildWorker(page) {
  const out = join(web, "dist", page);
  const shell = files(out)
    .filter((name) => !name.endsWith(".map"))
    .map((name) => ({
      url: `/${page}/${name.replaceAll("\\", "/")}`,
      revision: name.startsWith("assets") ? null : createHash("sha256").update(readFileSync(join(out, name))).digest("hex").slice(0, 16),
    }));
  await build({
    configFile: false,
    root: web,
    logLevel: "warn",
    plugins: [vue()],
    define: { __SHELL__: JSON.stringify(shell), __SCOPE__: JSON.stringify(`/${page}/`), "process.env.NODE_ENV": '"production"' },
    build: {
      outDir: out,
      emptyOutDir: false,
      lib: { entry: join(web, "kit", "sw.ts"), formats: ["iife"], name: "sw", fileName: () => "sw.js" },
    },
  });
}

function report(page) {
  const out = join(web, "dist", page);
  let total = 0;
  for (const name of files(out)) {
    if (!/\.(js|css|html)$/.test(name)) continue;
    const size = gzipSync(readFileSync(join(out, name)), { level: 9 }).length;
    total += size;
    console.log(`${page.padEnd(8)} ${(size / 1024).toFixed(1).padStart(7)} KB gzip  ${name}`);
  }
  console.log(`${page.padEnd(8)} ${(total / 1024).toFixed(1).padStart(7)} KB gzip  in all\n`);
}

if (!wanted.length) rmSync(join(web, "dist"), { recursive: true, force: true });
for (const page of pages) {
  await buildPage(page);
  if (WORKERS.has(page) && existsSync(join(web, "kit", "sw.ts"))) await buildWorker(page);
  report(page);
}
writeFileSync(join(web, "dist", "pages.json"), JSON.stringify(pages));
