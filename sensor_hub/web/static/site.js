// Behaviour of every page: GOV.UK's components, and the first page's renewal.
import { initAll } from "./vendor/govuk-frontend.min.js";

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
      const text = `This page could not be renewed since ${since}${minutes ? ` (${minutes} min)` : ""}: new alerts are not shown.`;
      if (stale.textContent !== text) stale.textContent = text;
      stale.hidden = false;
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
