/** What is shown, as a file. */

import { address } from "../../api.js";
import { html } from "../../html.js";
import { t } from "../../i18n.js";

const FORMATS = ["csv", "xlsx", "png", "svg"];

/**
 * @param {{asked: object}} props asked: what the interface was asked for what is shown
 */
export function Downloads({ asked }) {
  return html`<p class="downloads">
    <span class="quiet">${t("trends.download")}</span>
    ${FORMATS.map(
      (format) => html`<a key=${format} href=${address("/trends/export", { ...asked, format })} download
        aria-label=${`${t("trends.download")} ${format.toUpperCase()}`}>${format.toUpperCase()}</a>`,
    )}
  </p>`;
}
