/** Service worker of a page an exam runs on: it keeps the shell and nothing else; no answer of the API is ever stored. */
/// <reference lib="webworker" />
import { addRoute, cleanupOutdatedCaches, createHandlerBoundToURL, precache } from "workbox-precaching";

declare const self: ServiceWorkerGlobalScope;

/** Built files of this page. The list is put in by scripts/build.mjs; it can hold no address under /api. */
precache(__SHELL__);
addRoute();
cleanupOutdatedCaches();

const shell = createHandlerBoundToURL(`${__SCOPE__}index.html`);

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const own = url.origin === self.location.origin && url.pathname.startsWith(__SCOPE__);
  if (event.request.mode !== "navigate" || !own) return;
  event.respondWith(shell({ request: event.request, event, url }));
});

// A new shell waits until the page says so: during an exam the old one keeps its files.
self.addEventListener("message", (event) => {
  if (event.data === "take-over") void self.skipWaiting();
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
