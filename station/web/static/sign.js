// The sign of whoever speaks: this screen remembers the last one, where nobody has logged in.

const WHO = "paint-station.who";

/** Writes the remembered sign into a form that asks for one. */
export function fillSign(form) {
  if (form.elements.who) form.elements.who.value = localStorage.getItem(WHO) ?? "";
}

/** The sign as the form says it, to be remembered; undefined where the station knows by itself who speaks. */
export function signOf(form) {
  const who = form.elements.who?.value.trim();
  if (who) localStorage.setItem(WHO, who);
  return who;
}
