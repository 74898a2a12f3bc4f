// Everything here is a comfort: without it each page still works.
(() => {
  "use strict";
  const doc = document;
  const all = (selector, root = doc) => root.querySelectorAll(selector);

  // Markup that htmx swaps in passes here: no scripts, frames, handlers or javascript: addresses.
  const element = /^(script|iframe|frame|frameset|object|embed|base|meta|link|style)$/i;
  const name = /^(on|style$|srcdoc$|(data-)?hx-on)/i;
  const texts = /^(value|title|alt|label|aria-.*)$/i;
  const address = /^(javascript|vbscript|js|data:text\/html):/i;
  const clean = (root) => [...all("*", root)].every((node) => !element.test(node.localName)
    && [...node.attributes].every((attribute) => !name.test(attribute.name)
      && (texts.test(attribute.name) || !address.test(attribute.value.replace(/[\0- ]/g, ""))))
    && (!node.content || clean(node.content)));
  let checking = false;
  window.trustedTypes?.createPolicy("default", {
    createHTML: (html) => {
      if (checking) return html; // the inert parse below asks this policy again
      checking = true;
      try { return clean(new DOMParser().parseFromString(html, "text/html")) ? html : null; } finally { checking = false; }
    },
  });

  // Local safety copies: what was typed stays on this phone until the server has it.
  const prefix = "keep:";
  const store = (action) => { try { return action(localStorage); } catch { return null; } };
  const fieldsOf = (form) => [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !/csrf|token/i.test(name));
  const copyOf = (form) => store((box) => JSON.parse(box.getItem(prefix + form.dataset.keep)));
  const forget = (key) => store((box) => box.removeItem(prefix + key));
  const keep = (form) => store((box) => box.setItem(prefix + form.dataset.keep, JSON.stringify({ at: Date.now(), base: form.dataset.keepAt, fields: fieldsOf(form) })));

  const restore = (form) => {
    const copy = copyOf(form);
    const draft = Date.parse(form.dataset.keepAt) || 0;
    if (!copy || (copy.base !== form.dataset.keepAt && copy.at < draft)) return;
    const now = JSON.stringify(fieldsOf(form));
    if (JSON.stringify(copy.fields) === now) return;
    for (const field of form.elements) {
      if (!field.name || field.type === "hidden" || field.type === "file") continue;
      const values = copy.fields.filter(([name]) => name === field.name).map(([, value]) => value);
      if (/radio|checkbox/.test(field.type)) field.checked = values.includes(field.value);
      else if (field.tagName !== "BUTTON" && values.length) field.value = values[0];
    }
    all("[data-keep-note]", form).forEach((note) => { note.hidden = false; });
    // The server has the old draft: let an autosaving form send the restored one.
    if (form.hasAttribute("hx-post")) setTimeout(() => form.dispatchEvent(new Event("change", { bubbles: true })), 500);
  };

  const status = (word) => all(".saved").forEach((place) => {
    place.classList.toggle("bad", word === "failed");
    if (place.dataset[word]) place.textContent = place.dataset[word];
  });

  const prepared = new WeakSet();
  const prepare = (root) => {
    all("form[data-keep]", root).forEach((form) => { if (!prepared.has(form)) { prepared.add(form); restore(form); } });
    all("[data-kept]", root).forEach((place) => forget(place.dataset.kept));
    all("[data-print]", root).forEach((button) => { button.hidden = false; });
    root.querySelector("[data-focus]")?.focus();
  };

  doc.addEventListener("input", ({ target }) => { const form = target.form; if (form?.dataset.keep) keep(form); });
  doc.addEventListener("change", ({ target }) => { const form = target.form; if (form?.dataset.keep) keep(form); });

  doc.addEventListener("click", (event) => {
    const target = event.target.closest?.("[data-print],[data-forget],.faults a");
    if (!target) return;
    if ("print" in target.dataset) print();
    else if ("forget" in target.dataset) forget(target.dataset.forget);
    else {
      const field = doc.getElementById(target.hash.slice(1));
      if (!field) return;
      event.preventDefault();
      (field.closest(".field, .q") || field).scrollIntoView();
      field.focus({ preventScroll: true });
    }
  });

  // A second tap sends nothing twice; the server's idempotency key has the last word.
  let sent = new WeakMap();
  doc.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.getAttribute("method") !== "post") return;
    if (Date.now() - (sent.get(form) || 0) < 3000) event.preventDefault();
    else sent.set(form, Date.now());
  });
  addEventListener("pageshow", () => { sent = new WeakMap(); });

  doc.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest?.("input:not([type=radio],[type=checkbox]),textarea,select,[contenteditable]")) return;
    const target = [...all("[data-key]")].find((element) => element.dataset.key.toLowerCase() === event.key.toLowerCase() && element.offsetParent);
    if (!target) return;
    event.preventDefault();
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) target.focus(); else target.click();
  });

  // Autosave by htmx: say what happens, drop the copy once the server has it.
  const source = (event) => (event.detail?.ctx?.sourceElement || event.target).closest?.("form[data-keep]");
  const asked = new WeakMap();
  doc.addEventListener("htmx:before:request", (event) => {
    const form = source(event);
    if (form) { asked.set(form, Date.now()); status("saving"); }
  });
  doc.addEventListener("htmx:after:request", (event) => {
    const form = source(event);
    if (!form) return;
    const { response, hx } = event.detail.ctx;
    if (hx?.redirect) return; // the session ended: the copy waits until the member is back
    if (response.status >= 500 || response.raw.redirected) { status("failed"); event.preventDefault(); }
    else if (response.status >= 400) event.detail.ctx.swap = "innerHTML"; // the reason, in the place for the state
    else if ((copyOf(form)?.at || 0) <= asked.get(form)) forget(form.dataset.keep);
  });
  doc.addEventListener("htmx:error", (event) => { const form = source(event); if (form) status("failed"); });
  doc.addEventListener("htmx:after:swap", (event) => prepare(event.target.querySelectorAll ? event.target : doc));
  addEventListener("online", () => all("form[data-keep][hx-post]").forEach((form) => {
    if (copyOf(form)) form.dispatchEvent(new Event("change", { bubbles: true }));
  }));

  if (doc.readyState === "loading") doc.addEventListener("DOMContentLoaded", () => prepare(doc)); else prepare(doc);
})();
