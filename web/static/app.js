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
    createScriptURL: (address) => (/^\/m\/sw\.js\?s=\w+$/.test(address) ? address : null),
    createHTML: (html) => {
      if (checking) return html; // the inert parse below asks this policy again
      checking = true;
      try { return clean(new DOMParser().parseFromString(html, "text/html")) ? html : null; } finally { checking = false; }
    },
  });

  const prepare = (root) => {
    all("[data-print]", root).forEach((button) => { button.hidden = false; });
    root.querySelector("[data-focus]")?.focus();
  };

  doc.addEventListener("click", (event) => {
    const target = event.target.closest?.("[data-print],.faults a");
    if (!target) return;
    if ("print" in target.dataset) print();
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
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest?.("input:not([type=radio],[type=checkbox]),textarea,select,[contenteditable]")) return;
    const target = [...all("[data-key]")].find((element) => element.dataset.key.toLowerCase() === event.key.toLowerCase() && element.offsetParent);
    if (!target) return;
    event.preventDefault();
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) target.focus(); else target.click();
  });

  doc.addEventListener("htmx:after:swap", (event) => prepare(event.target.querySelectorAll ? event.target : doc));

  if (doc.readyState === "loading") doc.addEventListener("DOMContentLoaded", () => prepare(doc)); else prepare(doc);
})();
