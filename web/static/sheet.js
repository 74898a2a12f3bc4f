// The sheet: kept on the phone at each answer, saved on the server when it can be, sent by the outbox.
self.document && (() => {
  "use strict";
  const doc = document, { box } = self;
  const all = (selector, root = doc) => [...root.querySelectorAll(selector)];
  const one = (selector, root = doc) => root.querySelector(selector);
  const fresh = () => self.crypto.randomUUID?.() || "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
    (digit ^ crypto.getRandomValues(new Uint8Array(1))[0] & 15 >> digit / 4).toString(16));
  const fieldsOf = (form) => Object.fromEntries([...new FormData(form)].filter(([name, value]) => typeof value === "string" && !/^(csrf|key|opened|filled_at)$/.test(name)));
  const same = (a, b) => JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());
  const say = (place, text, bad) => { if (place) { place.textContent = text; place.classList.toggle("bad", !!bad); } };
  const show = (selector) => all(selector).forEach((part) => { part.hidden = false; });
  const sync = () => navigator.serviceWorker?.ready.then((worker) => worker.sync?.register("send")).catch(() => {});

  // From here on the outbox has it; the draft goes in the same transaction.
  const post = async (form, draft, fields) => {
    const { task, title } = form.dataset;
    const id = `sheet:${draft.key}`;
    await box.change([{ id, task, title, key: draft.key, fields, filled: new Date().toISOString(), opened: draft.opened, place: draft.place }], [`draft:${task}`]);
    form.hidden = true;
    show("#kept");
    one("#kept").focus();
    sync();
    let left;
    const look = async () => {
      const row = await box.get(id);
      if (row) say(one("#kept [data-why]"), box.refused(row) || row.status === 401 ? row.why : "", true);
      else {
        const receipt = (await box.all("receipt")).filter((each) => each.task === task).pop();
        if (receipt && !left) { left = true; location.assign(`/m/receipts/${receipt.receipt}`); }
      }
    };
    addEventListener("panel:box", look);
    await box.go();
    look();
  };

  const sheet = (form) => {
    const { task } = form.dataset;
    const saved = one("#saved");
    let draft = { id: `draft:${task}`, key: fresh(), opened: form.elements.opened.value };
    let touched;
    // What was kept comes back, unless somebody already types or the server has something newer.
    const restore = async () => {
      const found = await box?.get(draft.id).catch(() => null);
      if (found && (found.base === form.dataset.at || found.at > (Date.parse(form.dataset.at) || 0))) {
        draft = found;
        if (!touched && !same(draft.fields, fieldsOf(form))) {
          for (const field of form.elements) {
            if (!field.name || /hidden|file/.test(field.type)) continue;
            if (/radio|checkbox/.test(field.type)) field.checked = draft.fields[field.name] === field.value;
            else field.value = draft.fields[field.name] ?? "";
          }
          show("[data-restored]");
          setTimeout(() => save());
        }
      }
      form.elements.key.value = draft.key;
    };
    const ready = restore();
    const keep = async () => {
      await ready;
      draft = { ...draft, fields: fieldsOf(form), at: Date.now(), base: form.dataset.at };
      try { await box.change([draft]); return true; } catch { return false; }
    };
    const ask = async () => {
      const stop = new AbortController();
      const limit = setTimeout(() => stop.abort(), 20000);
      try {
        return await fetch(`/m/tasks/${task}/draft.json`, {
          method: "POST", signal: stop.signal, redirect: "error",
          headers: { Accept: "application/json", "X-Panel": "1", "Content-Type": "application/json" },
          body: JSON.stringify({ fields: fieldsOf(form), opened_at: draft.opened }),
        });
      } finally { clearTimeout(limit); }
    };
    let asked = 0;
    const save = async () => {
      const mine = ++asked;
      say(saved, saved.dataset.saving);
      try {
        const answer = await ask();
        const told = await answer.json();
        if (mine !== asked) return answer;
        if (answer.status === 401) say(saved, saved.dataset.ended, true);
        else if (!answer.ok) say(saved, answer.status < 500 ? told.title : saved.dataset.failed, true);
        else {
          say(saved, told.text);
          form.dataset.at = draft.base = told.at;
          await box?.change([draft]).catch(() => {});
          for (const [id, [done, total]] of Object.entries(told.parts)) say(one(`#p-${id}`), `${done}/${total}`);
          const bar = one("#progress progress");
          bar.value = told.done;
          bar.ariaLabel = bar.nextSibling.data = told.progress;
        }
        return answer;
      } catch { if (mine === asked) say(saved, saved.dataset.failed, true); }
    };
    let timer;
    const later = (wait) => { touched = true; keep(); clearTimeout(timer); timer = setTimeout(save, wait); };
    form.addEventListener("input", () => later(1000));
    form.addEventListener("change", () => later(50));
    addEventListener("online", () => later(50));

    // Without a network the check page can't come: the sheet may be left to the outbox as it is.
    form.addEventListener("submit", async (event) => {
      if (event.submitter?.formAction?.endsWith("/draft") || !box) return;
      event.preventDefault();
      clearTimeout(timer);
      await keep();
      if (await save()) { form.submit(); return; }
      show("#later");
      one("#later").scrollIntoView();
      one("#f-declared").focus({ preventScroll: true });
    });
    one("[data-later]")?.addEventListener("click", async () => {
      const open = all(".q", form).find((q) => !one(":checked", q) && ![...all("input[type=text]", q)][0]?.value
        || one("[data-why]:checked", q) && !one("textarea", q).value.trim());
      const target = open ? one("input", open) : all("#later :not(:checked)[type=checkbox]")[0];
      say(one("#later [role=status]"), target ? one("#later").dataset[open ? "open" : "declare"] : "", true);
      if (target) { (open || target).scrollIntoView(); target.focus({ preventScroll: true }); return; }
      if (await keep()) post(form, draft, draft.fields);
    });

    // Off by default, asked only by the tap itself; the office sees a distance, no place.
    const spot = one("[data-place]");
    if (spot && box && navigator.geolocation) {
      spot.hidden = false;
      const tick = one("input", spot), told = one("small", spot);
      ready.then(() => { tick.checked = !!draft.place; });
      tick.addEventListener("change", () => {
        draft.place = undefined;
        if (tick.checked) navigator.geolocation.getCurrentPosition(({ coords }) => {
          draft.place = { latitude: Math.round(coords.latitude * 1e6), longitude: Math.round(coords.longitude * 1e6), accuracy: Math.round(coords.accuracy) };
          say(told, spot.dataset.done);
          keep();
        }, () => { tick.checked = false; say(told, spot.dataset.fail); }, { enableHighAccuracy: true, timeout: 20000 });
      });
    }
  };

  // Made smaller before it travels, which drops what the camera wrote into it; the server does it again.
  const smaller = async (file) => {
    try {
      const picture = await createImageBitmap(file);
      const scale = Math.min(1, 2000 / Math.max(picture.width, picture.height));
      const canvas = doc.createElement("canvas");
      canvas.width = picture.width * scale;
      canvas.height = picture.height * scale;
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      return await new Promise((done) => { canvas.toBlob((blob) => done(blob || file), "image/jpeg", .82); });
    } catch { return file; }
  };
  const photos = () => all("[data-photo]").forEach((part) => {
    const { task, title, photo: item } = part.dataset;
    const input = one("input", part), list = one("ul", part);
    const mine = new Map();
    const paint = async () => {
      const waiting = new Map((await box.unsent()).map((row) => [row.key, row]));
      for (const [key, place] of mine) {
        const row = waiting.get(key);
        say(one("span", place), !row ? list.dataset.sent : box.refused(row) ? row.why : list.dataset.wait, row && box.refused(row));
      }
    };
    const line = (key) => {
      const place = list.appendChild(doc.createElement("li"));
      place.append(doc.createElement("span"));
      mine.set(key, place);
    };
    part.hidden = false;
    box.all("photo").then((rows) => rows.forEach((row) => { if (row.task === task && row.item === item) line(row.key); })).then(paint);
    addEventListener("panel:box", paint);
    input.addEventListener("change", async () => {
      for (const file of input.files) {
        const key = fresh();
        await box.change([{ id: `photo:${key}`, task, title, key, item, blob: await smaller(file), filled: new Date().toISOString() }]);
        line(key);
      }
      input.value = "";
      sync();
      await box.go();
      paint();
    });
  });

  // What is unsent: look, save a copy, send, open again, drop. Nothing goes by itself but what arrived.
  const list = (place) => {
    const model = one("template", place).content.firstElementChild, rows = one("ul", place);
    const copy = (row) => JSON.stringify({ ...row, blob: undefined }, null, 1);
    const save = (row) => {
      const link = doc.createElement("a");
      link.href = URL.createObjectURL(row.blob || new Blob([copy(row)], { type: "application/json" }));
      link.download = `${row.task}-${row.filled.slice(0, 10)}.${row.blob ? "jpg" : "json"}`;
      link.click();
    };
    const paint = async () => {
      const waiting = await box.unsent();
      one("[data-none]", place).hidden = waiting.length > 0;
      rows.replaceChildren(...waiting.map((row) => {
        const card = model.cloneNode(true);
        const bad = box.refused(row);
        one("h3", card).textContent = row.blob ? `${place.dataset.photo} · ${row.title}` : row.title;
        one("time", card).textContent = new Date(row.filled).toLocaleString(doc.documentElement.lang, { timeZone: "Asia/Shanghai" });
        say(one("[role=status]", card), bad || row.status === 401 ? row.why : place.dataset.wait, bad);
        one("pre", card).textContent = row.blob ? `${Math.ceil(row.blob.size / 1024)} KB` : copy(row.fields);
        all("[data-for]", card).forEach((button) => { button.hidden = !button.dataset.for.split(" ").includes(`${row.status}`) || !!row.blob; });
        card.onclick = ({ target }) => ({
          send: async () => { await box.change([{ ...row, status: 0, next: 0 }]); box.go(); },
          save: () => save(row),
          open: async () => {
            await box.change([{ id: `draft:${row.task}`, key: fresh(), fields: row.fields, at: Date.now(), opened: row.opened, place: row.place }], [row.id]);
            location.assign(`/m/tasks/${row.task}/sheet`);
          },
          both: () => {
            const form = one("form", place);
            form.action = `/m/tasks/${row.task}/submit`;
            for (const [name, value] of [...Object.entries(row.fields), ["key", row.key], ["filled_at", row.filled]]) {
              const field = form.appendChild(doc.createElement("input"));
              Object.assign(field, { type: "hidden", name, value });
            }
            form.submit();
          },
          drop: () => { if (confirm(place.dataset.sure)) box.change([], [row.id]); },
        })[target.closest("button")?.dataset.do]?.();
        return card;
      }));
    };
    place.hidden = false;
    addEventListener("panel:box", paint);
    paint();
  };

  const form = one("#sheet");
  if (form) sheet(form);
  const check = one("form[data-send]");
  if (box && check) check.addEventListener("submit", async (event) => {
    if (!check.elements.declared.checked || check.dataset.native) return; // the server says what is missing
    event.preventDefault();
    if (check.dataset.busy) return;
    check.dataset.busy = "1";
    const draft = await box.get(`draft:${check.dataset.task}`).catch(() => null);
    post(check, { opened: "", ...draft, key: check.elements.key.value }, fieldsOf(check))
      .catch(() => { check.submit(); }); // this browser keeps nothing: the plain way still works
  });
  if (box) { photos(); all("[data-box]").forEach(list); }
})();
