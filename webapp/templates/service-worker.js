{% comment %}
Served as text/javascript at /service-worker.js (URL name "service-worker") with /offline/ (URL name "offline") beside it.
It only answers page loads that fail: searches, photos and scripts go straight to the network.
{% endcomment %}
"use strict";

const CACHE = "sketchfind-offline-1";
const OFFLINE = "{% url "offline" %}";

async function keepOfflinePage() {
  const cache = await caches.open(CACHE);
  const response = await fetch(OFFLINE, { credentials: "omit" });
  if (!response.ok) return;
  const html = await response.clone().text();
  const styles = [...html.matchAll(/<link[^>]+href="([^"]+\.(?:css|svg))"/g)].map((match) => match[1]);
  await Promise.all([cache.put(OFFLINE, response), cache.addAll(styles)]);
}

self.addEventListener("install", (event) => event.waitUntil(keepOfflinePage().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate" && request.method === "GET") {
    event.respondWith(fetch(request).catch(async () => (await caches.match(OFFLINE)) ?? Response.error()));
  } else if (request.destination === "style") {
    event.respondWith(fetch(request).catch(async () => (await caches.match(request)) ?? Response.error()));
  }
});
