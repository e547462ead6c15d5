/** The top of every view: where one can go, the language, and signing out. */

import { link, narrowingOf, VIEWS } from "../address.js";
import { remove } from "../api.js";
import { html } from "../html.js";
import { language, LANGUAGES, setLanguage, t } from "../i18n.js";
import { showKeys } from "./keys.js";
import { tell } from "./notices.js";

/**
 * @param {{view: string, params: object, about: object|undefined, onSignedOut: () => void}} props
 */
export function Header({ view, params, about, onSignedOut }) {
  // What was chosen stays chosen on the way from one view to the next.
  const kept = narrowingOf(params);
  const signOut = () =>
    remove("/session").then(onSignedOut, (error) =>
      // Whoever is no longer let in is signed out; else the session goes on, and that has to be known.
      error.kind === "access" ? onSignedOut() : tell(t("shell.sign_out_failed")),
    );
  return html`<header class="header">
    <a class="wordmark" href="/">Molva</a>
    <nav class="views" aria-label=${t("shell.views")}>
      ${Object.keys(VIEWS).map(
        (name) =>
          html`<a href=${link(name, kept)} aria-current=${name === view ? "page" : undefined}
            >${t(`shell.view_${name}`)}</a
          >`,
      )}
    </nav>
    <div class="header-end">
      <div class="languages" role="group" aria-label=${t("shell.language")}>
        ${Object.keys(LANGUAGES).map(
          (code) =>
            html`<button
              type="button"
              lang=${code}
              title=${LANGUAGES[code]}
              aria-label=${LANGUAGES[code]}
              aria-pressed=${code === language()}
              onClick=${() => setLanguage(code)}
            >
              ${code.toUpperCase()}
            </button>`,
        )}
      </div>
      <button type="button" class="round" aria-label=${t("shell.keys")} title=${t("shell.keys")} onClick=${showKeys}>
        ?
      </button>
      ${about?.needs_token &&
      html`<button type="button" class="link" onClick=${signOut}>${t("shell.sign_out")}</button>`}
    </div>
  </header>`;
}
