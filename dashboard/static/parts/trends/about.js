/** How far the numbers of a trend hold: what was collected, and who gave the labels. */

import { html } from "../../html.js";
import { t } from "../../i18n.js";

/**
 * @param {{answers: {coverage: string, labels: string[], notes: string[]}[]}} props of GET /trends;
 *   their sentences are English, as in files
 */
export function TrendAbout({ answers }) {
  const all = (linesOf) => [...new Set(answers.flatMap(linesOf))];
  const parts = [
    ["trends.about_coverage", all(({ coverage }) => [coverage])],
    ["trends.about_labels", all(({ labels }) => labels)],
    ["trends.about_notes", all(({ notes }) => notes)],
  ].filter(([, lines]) => lines.some(Boolean));
  return html`<footer class="trend-about" aria-label=${t("trends.about")}>
    <dl>
      ${parts.map(
        ([name, lines]) => html`<div key=${name}>
          <dt>${t(name)}</dt>
          ${lines.map((line) => html`<dd lang="en"><bdi>${line}</bdi></dd>`)}
        </div>`,
      )}
    </dl>
  </footer>`;
}
