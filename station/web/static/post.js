// Hands what stands in a form to the station. While it is on its way nothing can be pressed twice.

/** The station's answer, or null; the form then says that it was not taken. */
export async function post(form, address, body) {
  const buttons = form.querySelectorAll("button");
  const wrong = form.querySelector(".wrong");
  for (const button of buttons) button.disabled = true;
  wrong.hidden = true;
  wrong.textContent = wrong.dataset.refused;
  const kept = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
  })
    .then((answer) => {
      wrong.textContent = wrong.dataset[`at${answer.status}`] ?? wrong.dataset.refused;
      // The session has ended meanwhile.
      if (answer.status === 401) location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
      return answer.ok ? answer.json() : null;
    })
    .catch(() => null);
  if (!kept) {
    wrong.hidden = false;
    for (const button of buttons) button.disabled = false;
  }
  return kept;
}
