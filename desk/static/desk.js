// The live part of the pages: time and progress in the bar, new warnings in the list.
// Without this script every page works, by reloading it.
"use strict";

const byId = (id) => document.getElementById(id);
const listing = byId("listing");
const live = byId("live");
const COALESCE_MS = 600;

const showState = (state) => {
  const time = byId("time");
  time.dateTime = state.time ?? "";
  time.textContent = state.shown || time.dataset.none;
  byId("reading").hidden = state.fraction >= 1;
  byId("reading").querySelector("progress").value = state.fraction;
  if (state.progress) {
    byId("reading-text").textContent = document.documentElement.lang === "en" ? state.progress.en : state.progress.zh;
  }
  const still = byId("still");
  still.hidden = state.still_minutes === null;
  still.textContent = still.dataset.text.replace("{n}", state.still_minutes);
};

// Many warnings may come in one breath: the list is fetched once for all of them.
let waiting = 0;
let fetching = false;
const refresh = async () => {
  waiting = 0;
  fetching = true;
  try {
    const answer = await fetch(listing.dataset.source, { headers: { accept: "text/html" } });
    if (!answer.ok) return;
    const known = new Set([...listing.querySelectorAll("tr[data-key]")].map((row) => row.dataset.key));
    const focused = document.activeElement?.closest?.("#listing a")?.getAttribute("href");
    listing.innerHTML = await answer.text();
    for (const row of listing.querySelectorAll("tr[data-key]")) {
      if (!known.has(row.dataset.key)) row.classList.add("fresh");
    }
    if (focused) [...listing.querySelectorAll("a")].find((a) => a.getAttribute("href") === focused)?.focus();
  } finally {
    fetching = false;
  }
};
const cameIn = () => {
  if (!listing) return;
  if (listing.dataset.first !== "1") {
    byId("fresh").hidden = false;
  } else if (!waiting) {
    const again = () => { if (fetching) waiting = setTimeout(again, COALESCE_MS); else refresh(); };
    waiting = setTimeout(again, COALESCE_MS);
  }
};

if (live) {
  const stream = new EventSource("/v1/stream" + (listing ? "?after=" + listing.dataset.seq : ""));
  stream.addEventListener("state", (event) => showState(JSON.parse(event.data)));
  stream.addEventListener("warning", cameIn);
  stream.onopen = () => { live.hidden = false; live.textContent = live.dataset.live; live.classList.remove("lost"); };
  stream.onerror = () => { live.textContent = live.dataset.lost; live.classList.add("lost"); };
  addEventListener("pagehide", () => stream.close());
}

for (const select of document.querySelectorAll("form.filter select")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}
