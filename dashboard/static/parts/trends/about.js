/** How far the numbers of a trend hold: what was collected, and who gave the labels. */

import { html } from "../../html.js";
import { t } from "../../i18n.js";
import { Remark } from "../remarks.js";

/**
 * @param {{answers: {coverage: import("../remarks.js").Said, labels: import("../remarks.js").Said[],
 *   notes: import("../remarks.js").Said[]}[]}} props of GET /trends
 */
export function TrendAbout({ answers }) {
  const all = (linesOf) => [...new Map(answers.flatMap(linesOf).map((said) => [said.text, said])).values()];
  const parts = [
    ["trends.about_coverage", all(({ coverage }) => [coverage])],
    ["trends.about_labels", all(({ labels }) => labels)],
    ["trends.about_notes", all(({ notes }) => notes)],
  ].filter(([, lines]) => lines.length);
  return html`<footer class="trend-about" aria-label=${t("trends.about")}>
    <dl>
      ${parts.map(
        ([name, lines]) => html`<div key=${name}>
          <dt>${t(name)}</dt>
          ${lines.map((said) => html`<dd key=${said.text}><${Remark} said=${said} /></dd>`)}
        </div>`,
      )}
    </dl>
  </footer>`;
}
