/** Short notes at the edge of the page: what was just done, and how to take it back. */

import { html, useEffect, useState } from "../html.js";
import { t } from "../i18n.js";
import { Plain } from "./plain.js";

const NOTICE = "molva-notice";
const SHOWN_MS = 12_000;

/**
 * Tell something. A new note takes the place of the one before.
 * @param {string} text
 * @param {{label: string, run: () => void}} [action] offered beside it
 */
export function tell(text, action = undefined) {
  window.dispatchEvent(new CustomEvent(NOTICE, { detail: { text, action } }));
}

/** Where notes appear; once a page. */
export function Notices() {
  const [notice, setNotice] = useState(null);
  const [isHeld, setHeld] = useState(false);
  useEffect(() => {
    const show = (event) => {
      // The note before was held by what goes with it, a button or the pointer over it.
      setHeld(false);
      setNotice(event.detail);
    };
    window.addEventListener(NOTICE, show);
    return () => window.removeEventListener(NOTICE, show);
  }, []);
  useEffect(() => {
    if (!notice || isHeld) return undefined;
    const timer = setTimeout(() => setNotice(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [notice, isHeld]);
  const act = () => {
    setNotice(null);
    notice.action.run();
  };
  return html`<div
    class="notices"
    role="status"
    onMouseEnter=${() => setHeld(true)}
    onMouseLeave=${() => setHeld(false)}
    onFocusIn=${() => setHeld(true)}
    onFocusOut=${() => setHeld(false)}
  >
    ${notice &&
    html`<div class="notice">
      <span><${Plain} text=${notice.text} /></span>
      ${notice.action &&
      html`<button type="button" class="link notice-action" onClick=${act}>${notice.action.label}</button>`}
      <button type="button" class="close" aria-label=${t("shell.close")} onClick=${() => setNotice(null)}>
        ×
      </button>
    </div>`}
  </div>`;
}
