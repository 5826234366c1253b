// Keeps what is chosen on a page in its address, so that it can be sent, reloaded and read in the other language.

export function keep(changes) {
  const address = new URL(location.href);
  for (const [name, value] of Object.entries(changes)) {
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
  }
  history.replaceState(null, "", address);
  for (const link of document.querySelectorAll(".languages a, .themes a")) {
    const there = new URL(link.href);
    there.searchParams.set("next", location.pathname + location.search);
    link.href = there;
  }
}

export function plainClick(event) {
  return !(event.ctrlKey || event.metaKey || event.shiftKey || event.button > 0);
}
