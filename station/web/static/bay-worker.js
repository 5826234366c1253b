// Keeps the bay's pages on the tablet: where the station is not reached, the last ones it gave are shown, and say so.
// What the station is asked while a page is open is never kept: a page that hears nothing knows that it is old.

const KEPT = "bay";
const MOST_KEPT = 300;
const ANSWER_WITHIN_MS = 6_000;
const OF_A_PAGE = ["style", "script", "image", "font"];

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  const { request } = event;
  const own = new URL(request.url).origin === location.origin;
  const shown = request.mode === "navigate" || OF_A_PAGE.includes(request.destination);
  if (own && shown && request.method === "GET") event.respondWith(fresh(event));
});

async function fresh({ request }) {
  const kept = await caches.open(KEPT);
  try {
    const answer = await within(fetch(request), ANSWER_WITHIN_MS);
    if (answer.ok && !answer.redirected) await keep(kept, request, answer.clone());
    return answer;
  } catch (fault) {
    const last = await kept.match(request);
    if (last) return last;
    throw fault;
  }
}

// Put again, an answer is the newest; the oldest go.
async function keep(kept, request, answer) {
  await kept.delete(request);
  await kept.put(request, answer);
  const all = await kept.keys();
  await Promise.all(all.slice(0, Math.max(0, all.length - MOST_KEPT)).map((old) => kept.delete(old)));
}

function within(answer, limit) {
  return Promise.race([answer, new Promise((_, give) => setTimeout(() => give(new Error("no answer")), limit))]);
}
