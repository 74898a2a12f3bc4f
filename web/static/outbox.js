// Sheets and pictures wait on this phone until the server has given a receipt for each.
// One store for each member: phones are shared. Also runs in the service worker.
self.panelBox = (store) => {
  "use strict";
  let opening;
  const open = () => opening ||= new Promise((done, fail) => {
    const asked = indexedDB.open(`panel-${store}`, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("rows", { keyPath: "id" });
    asked.onsuccess = () => { asked.result.onclose = () => { opening = null; }; done(asked.result); };
    asked.onerror = () => { opening = null; fail(asked.error); };
  });
  const work = async (mode, action) => {
    const database = await open();
    return new Promise((done, fail) => {
      const step = database.transaction("rows", mode, { durability: "strict" });
      const asked = action(step.objectStore("rows"));
      step.oncomplete = () => done(asked?.result);
      step.onabort = () => fail(step.error);
    });
  };
  const tell = () => {
    self.dispatchEvent(new Event("panel:box"));
    self.clients?.matchAll().then((pages) => pages.forEach((page) => page.postMessage("box")));
  };
  // All of it in one transaction: a draft that goes to the outbox is never in both, never in none.
  const change = async (put, drop = []) => {
    await work("readwrite", (rows) => { put.forEach((row) => rows.put(row)); drop.forEach((id) => rows.delete(id)); });
    tell();
  };
  const get = (id) => work("readonly", (rows) => rows.get(id));
  const all = (kind) => work("readonly", (rows) => rows.getAll(IDBKeyRange.bound(`${kind}:`, `${kind};`)));
  const unsent = async () => [...await all("sheet"), ...await all("photo")];

  const send = async (row) => {
    const stop = new AbortController();
    const limit = setTimeout(() => stop.abort(), 20000);
    const { blob, key } = row;
    const address = `/m/tasks/${row.task}/`;
    let told = {}, status = 0, pause = 0;
    try {
      const answer = await fetch(blob ? `${address}photo.json?${new URLSearchParams({ item: row.item, key })}` : `${address}sheet.json`, {
        method: "POST", signal: stop.signal, redirect: "error", cache: "no-store",
        headers: { Accept: "application/json", "X-Panel": store, "Content-Type": blob ? "image/jpeg" : "application/json" },
        body: blob || JSON.stringify({ key, fields: row.fields, filled_at: row.filled, opened_at: row.opened, place: row.place }),
      });
      status = answer.status;
      pause = 1000 * answer.headers.get("Retry-After") || 0;
      told = await answer.json();
    } catch { /* no network, or no answer of ours: the row stays and is sent again */ }
    clearTimeout(limit);
    if (!await get(row.id)) return; // another tab was faster, or its owner dropped it
    if (status === 200 && told.receipt) {
      return change(blob ? [] : [{ ...told, id: `receipt:${told.receipt}`, task: row.task, title: row.title }], [row.id, ...blob ? [] : [`draft:${row.task}`]]);
    }
    row.tries = (row.tries || 0) + 1;
    row.status = status === 200 ? 0 : status;
    row.why = told.title;
    row.next = Date.now() + Math.max(pause, Math.min(2 ** row.tries, 300) * 500 * (1 + Math.random()));
    return change([row]);
  };
  // What the server refused waits for its owner; everything else is tried again.
  const refused = ({ status }) => status >= 400 && status < 500 && ![401, 403, 408, 429].includes(status);
  let busy;
  const drain = async (now) => {
    for (const row of await unsent()) if (!refused(row) && (now || !(row.next > Date.now()))) await send(row);
    return (await unsent()).filter((row) => !refused(row)).map((row) => row.next);
  };
  const alone = (now) => busy ||= (self.navigator.locks ? navigator.locks.request(`panel-${store}`, () => drain(now)) : drain(now)).finally(() => { busy = null; });
  return { all, change, get, refused, unsent, drain: alone };
};

self.document && (() => {
  "use strict";
  const doc = document;
  const { store } = doc.body.dataset;
  if (!store || !self.indexedDB) return;
  const box = self.box = panelBox(store);
  const count = async () => {
    const waiting = (await box.unsent()).length;
    doc.querySelectorAll("[data-unsent]").forEach((place) => {
      place.hidden = !waiting;
      place.textContent = place.dataset.unsent.replace("{n}", waiting);
    });
  };
  let timer;
  const go = async (now) => {
    clearTimeout(timer);
    try {
      const due = await box.drain(now);
      if (due.length) timer = setTimeout(go, Math.max(Math.min(...due) - Date.now(), 500));
    } catch { /* this browser keeps nothing: the server's draft remains */ }
  };
  box.go = () => go(true);
  addEventListener("panel:box", count);
  addEventListener("online", box.go);
  doc.addEventListener("visibilitychange", () => { if (!doc.hidden) box.go(); });
  setInterval(go, 30000);
  const workers = navigator.serviceWorker;
  workers?.addEventListener("message", () => dispatchEvent(new Event("panel:box")));
  workers?.register(`/m/sw.js?s=${store}`).catch(() => {});
  // A received sheet has no draft; whoever signs out leaves no page behind, but all that is unsent.
  doc.querySelectorAll("[data-kept]").forEach((place) => box.change([], [`draft:${place.dataset.kept}`]).catch(() => {}));
  doc.addEventListener("submit", ({ target }) => { if (/sign-out$/.test(target.action)) self.caches?.delete(`pages-${store}`); });
  count().catch(() => {});
  box.go();
})();
