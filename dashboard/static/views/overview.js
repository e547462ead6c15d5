/** What there is to know on a Monday: what changed, what is on, who waits, and whether it is read. */

import { go, narrowingOf } from "../address.js";
import { html } from "../html.js";
import { t } from "../i18n.js";
import { Alerts } from "../parts/overview/alerts.js";
import { useAnswer } from "../parts/asking.js";
import { BrandChoice } from "../parts/overview/brand_choice.js";
import { Chips } from "../parts/narrowing/chips.js";
import { SourceHealth } from "../parts/overview/source_health.js";
import { Unanswered } from "../parts/overview/unanswered.js";
import { Week } from "../parts/overview/week.js";
import { Untagged, Welcome } from "../parts/overview/welcome.js";

/**
 * @param {{about: object, params: object}} props
 */
export default function View({ about, params }) {
  const stock = useAnswer("/facets", { field: ["sentiment", "brand"], limit: 20 });
  // The overview has days of its own.
  const { first, last, ...asked } = narrowingOf(params);
  const change = (changes) => go("overview", { ...asked, first, last, ...changes });
  const counts = stock.answer?.fields.sentiment;
  if (counts && !counts.length) return html`<h1>${t("shell.view_overview")}</h1><${Welcome} />`;
  if (counts?.every(({ value }) => value === null)) {
    return html`<h1>${t("shell.view_overview")}</h1>
      <${Untagged} />
      <${SourceHealth} about=${about} />`;
  }
  return html`<h1>${t("shell.view_overview")}</h1>
    <${BrandChoice} brands=${stock.answer?.fields.brand} chosen=${asked.brand ?? []}
      onChange=${(brand) => change({ brand })} />
    <${Chips} params=${{ ...asked, brand: undefined }} onChange=${change} />
    ${asked.q &&
    html`<p>
      ${t("overview.only_found")} <code><bdi>${asked.q}</bdi></code>${" "}
      <button type="button" class="link" onClick=${() => change({ q: undefined })}>${t("overview.show_everything")}</button>
    </p>`}
    <${Week} asked=${asked} />
    <div class="side-by-side">
      <${Alerts} />
      <${Unanswered} asked=${asked} />
    </div>
    <${SourceHealth} about=${about} />`;
}
