// Updates the changed parts of the page once a second.
"use strict";
const parts = Array.from(document.querySelectorAll("[data-live]"), (part) => ({ part, shown: part.innerHTML }));

async function refresh() {
  const answer = await fetch("/", { cache: "no-store" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const live of parts) {
    const fresh = page.getElementById(live.part.id).innerHTML;
    // A part with the focus is not replaced.
    if (fresh !== live.shown && !live.part.contains(document.activeElement)) {
      live.part.innerHTML = live.shown = fresh;
    }
  }
}

async function follow() {
  try {
    await refresh();
    document.body.classList.remove("gone");
  } catch {
    document.body.classList.add("gone");
  }
  setTimeout(follow, 1000);
}
follow();
