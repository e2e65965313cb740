// Hears from the hub what changes (server-sent events), and notices when nothing is heard: silence is not calm.
const QUIET = 25000, SUSPECT = 15000, AGAIN = 5000;
const ALERT = ["raised", "updated", "cleared", "acknowledged", "closed", "lapsed", "told", "kept_back", "passed_on", "exhausted"];
export const OF_ALERTS = ALERT.map((each) => `alert.${each}`);
export const OF_ALL = [...OF_ALERTS, "home.coverage", "contact.unreached", "silence.set", "silence.ended"];

// `after`: what the page shows already. `changed` is told of each change (null: some are missing), `quiet` of the moment
// since which the hub is not heard, or is heard and does not watch; `heard` that it is heard and watches again.
export function listen({ after, types, changed, quiet, heard }) {
  let last = after, source = null, heardAt = Date.now(), watchedAt = heardAt, shownAt = heardAt, timer = 0, isQuiet = false;

  function keep(event) {
    last = event.lastEventId || last;
    heardAt = Date.now();
  }

  function told(event) {
    keep(event);
    if (!JSON.parse(event.data).watching) { say(watchedAt, true); return; }
    watchedAt = heardAt;
    if (isQuiet) { isQuiet = false; heard(); }
  }

  function say(since, isHeard = false) {
    if (!isQuiet) { isQuiet = true; quiet(since, isHeard); }
  }

  function open() {
    clearTimeout(timer);
    source = new EventSource(`/api/v1/events?after=${encodeURIComponent(last)}`);
    source.addEventListener("hub.time", told);
    source.addEventListener("lost", (event) => { keep(event); changed(null); });
    for (const type of types) source.addEventListener(type, (event) => { keep(event); changed(JSON.parse(event.data)); });
    source.addEventListener("error", () => {
      // It comes back by itself, but for where the hub answered that it may not.
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, AGAIN);
      if (Date.now() - heardAt > SUSPECT) say(heardAt);
    });
  }

  // A browser has few connections to one hub: a page that nobody sees keeps none.
  function look() {
    clearTimeout(timer);
    if (source) source.close();
    if (document.hidden) return;
    shownAt = Date.now();
    open();
  }

  document.addEventListener("visibilitychange", look);
  setInterval(() => { if (!document.hidden && Date.now() - Math.max(heardAt, shownAt) > QUIET) say(heardAt); }, 1000);
  look();
}
