// Behaviour of every page: GOV.UK's components, the first page's renewal, and what the pages of an alert and of a home hear of it.
import { initAll } from "./vendor/govuk-frontend.min.js";
import { listen, OF_ALERTS, OF_ALL } from "./live.js";

document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) document.body.classList.add("govuk-frontend-supported");
initAll();

const now = document.getElementById("now");
if (now) {
  const seconds = Number(now.dataset.refresh);
  let renewedAt = Date.now();
  let count = headings();
  setInterval(renew, seconds * 1000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) renew(); });
  if (now.dataset.after) {
    let due = 0;
    // All pages hear of it at once; they do not all ask at once.
    const soon = () => { due ||= setTimeout(() => { due = 0; renew(); }, 200 + Math.random() * 800); };
    listen({ after: now.dataset.after, types: OF_ALL, changed: soon, quiet: renew, heard: renew });
  }

  function headings() { return document.querySelectorAll("#now .card").length; }

  async function renew() {
    try {
      const answer = await fetch("/", { headers: { Accept: "text/html" }, cache: "no-store", signal: AbortSignal.timeout(20000) });
      if (answer.redirected) { location.assign("/login"); return; }
      if (!answer.ok) throw new Error(`answer ${answer.status}`);
      show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch (error) {
      // A page that cannot be renewed must never look like a quiet one.
      const minutes = Math.floor((Date.now() - renewedAt) / 60000);
      const stale = document.getElementById("stale");
      const since = new Date(renewedAt).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
      const text = `No good answer from the hub: this page could not be renewed since ${since}${minutes ? ` (${minutes} min)` : ""}. New alerts are not shown.`;
      if (stale.textContent !== text) stale.textContent = text;
      stale.hidden = false;
      document.title = "Not renewed – Sensor hub";
    }
  }

  function show(page) {
    const fresh = page.getElementById("now");
    if (!fresh) throw new Error("not the page of alerts");
    const focused = document.activeElement;
    const at = focused && now.contains(focused) ? focused.id || focused.getAttribute("href") : null;
    for (const opened of now.querySelectorAll("details[open][id]")) fresh.querySelector(`#${opened.id}`)?.setAttribute("open", "");
    now.replaceChildren(...fresh.childNodes);
    if (at) {
      const same = document.getElementById(at) || now.querySelector(`[href="${CSS.escape(at)}"]`);
      if (same) same.focus({ preventScroll: true });
    }
    document.title = page.title;
    renewedAt = Date.now();
    document.getElementById("stale").hidden = true;
    const shown = headings();
    if (shown !== count) document.getElementById("news").textContent = `${shown} open alerts`;
    count = shown;
    const clock = new Date().toLocaleTimeString("en-GB");
    document.getElementById("refreshed").textContent = `Renewed at ${clock} by this device's clock; every ${seconds} seconds.`;
  }
}

const alert = document.getElementById("live");
if (alert && alert.dataset.after) {
  const changed = document.getElementById("changed"), unheard = document.getElementById("unheard");
  listen({
    after: alert.dataset.after,
    types: OF_ALERTS,
    changed: (change) => {
      // The page of a home has no place for it: an alert there does not make what it shows wrong.
      if (!changed || change && change.id !== alert.dataset.alert || changed.hasChildNodes()) return;
      // What somebody has typed is not taken away: they say when.
      const link = Object.assign(document.createElement("a"), { href: location.pathname, className: "govuk-link", textContent: "Show it" });
      changed.append("Something changed here since this page was shown. ", link);
    },
    quiet: (since, isHeard) => {
      const clock = new Date(since).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
      const what = isHeard ? `The hub has not watched since ${clock}` : `This page cannot reach the hub since ${clock}`;
      unheard.textContent = `${what}: what you see may be old, and new alerts may not come.`;
    },
    heard: () => { unheard.textContent = ""; },
  });
}
