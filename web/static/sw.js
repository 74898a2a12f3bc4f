// A bonus: the sheet opens without a network. Never a redirect, never anything but whole pages.
(() => {
  "use strict";
  const store = new URL(self.location).searchParams.get("s");
  const pages = `pages-${store}`, files = "files";
  const kept = /^\/m\/(outbox|tasks(\/\w{10}(\/sheet)?)?)$/;
  const asset = async (request) => {
    const cache = await caches.open(files);
    const found = await cache.match(request);
    if (found) return found;
    const answer = await fetch(request);
    if (answer.ok) {
      const stem = (url) => url.replace(/\.\w{10}\./, ".");
      for (const old of await cache.keys()) if (stem(old.url) === stem(request.url)) await cache.delete(old);
      await cache.put(request, answer.clone());
    }
    return answer;
  };
  const page = async (path) => {
    const cache = await caches.open(pages);
    const found = await cache.match(path);
    const headers = { Accept: "text/html" };
    if (found) headers["If-None-Match"] = found.headers.get("ETag") || "";
    const asked = fetch(path, { headers, redirect: "manual" }).then(async (answer) => {
      if (answer.status === 304 || (answer.status >= 500 && found)) return found;
      if (answer.ok) await cache.put(path, answer.clone());
      return answer;
    });
    if (!found) return asked;
    const late = new Promise((done) => { setTimeout(done, 3000, found); });
    return Promise.race([asked.catch(() => found), late]);
  };
  addEventListener("install", () => skipWaiting());
  addEventListener("activate", (event) => event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name !== pages && name !== files) await caches.delete(name);
    await clients.claim();
  })()));
  addEventListener("fetch", (event) => {
    const { request } = event;
    const { origin, pathname, search } = new URL(request.url);
    if (request.method !== "GET" || origin !== location.origin || request.headers.has("HX-Request")) return;
    if (pathname.startsWith("/static/")) event.respondWith(asset(request));
    else if (request.mode === "navigate" && !search && kept.test(pathname)) event.respondWith(page(pathname));
  });
  addEventListener("sync", (event) => event.waitUntil(panelBox(store).drain(true)));
})();
