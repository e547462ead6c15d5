/** Keys of the whole page, and the list of them. */

import { html, useEffect, useRef } from "../html.js";
import { t } from "../i18n.js";

const SHOW = "molva-show-keys";
const KEYS = [
  ["/", "shell.key_query"],
  ["j", "shell.key_next"],
  ["k", "shell.key_previous"],
  ["u", "shell.key_undo"],
  ["?", "shell.key_help"],
  ["Esc", "shell.key_close"],
];
// What the same keys give where Russian is written.
const CYRILLIC = { о: "j", л: "k", г: "u" };
const ON_SLASH = { ".": "/", ",": "?" };

/** Show the list of keys. */
export function showKeys() {
  window.dispatchEvent(new CustomEvent(SHOW));
}

/** The list of keys, and what listens to them; once a page. */
export function Keys() {
  const dialog = useRef(null);
  useEffect(() => {
    const show = () => dialog.current.showModal();
    window.addEventListener(SHOW, show);
    document.addEventListener("keydown", onKey);
    return () => {
      window.removeEventListener(SHOW, show);
      document.removeEventListener("keydown", onKey);
    };
  }, []);
  return html`<dialog class="dialog" ref=${dialog} aria-labelledby="keys-title" closedby="any">
    <h2 id="keys-title">${t("shell.keys")}</h2>
    <dl class="keys">
      ${KEYS.map(
        ([key, name]) => html`<dt><kbd>${key}</kbd></dt><dd>${t(name)}</dd>`,
      )}
    </dl>
    <button type="button" class="button" onClick=${() => dialog.current.close()}>${t("shell.close")}</button>
  </dialog>`;
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const key = (event.code === "Slash" && ON_SLASH[event.key]) || CYRILLIC[event.key] || event.key;
  if (key === "?") showKeys();
  else if (key === "/") document.getElementById("query")?.focus();
  else if (key === "j") step(1);
  else if (key === "k") step(-1);
  else if (key === "u") document.querySelector(".notice-action")?.click();
  else return;
  event.preventDefault();
}

function isTyping(target) {
  return target.matches("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
}

/** Move to the next mention, or the one before, from the one that holds the focus. */
function step(by) {
  const cards = [...document.querySelectorAll("article.mention")];
  if (!cards.length) return;
  const at = cards.findIndex((card) => card.contains(document.activeElement));
  const next = at < 0 ? (by > 0 ? 0 : cards.length - 1) : Math.min(Math.max(at + by, 0), cards.length - 1);
  cards[next].focus({ preventScroll: true });
  cards[next].scrollIntoView({ block: "start" });
}
