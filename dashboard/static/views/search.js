/** Finding mentions and reading them. */

import { link, narrowingOf } from "../address.js";
import { address } from "../api.js";
import { html, useEffect, useRef } from "../html.js";
import { t } from "../i18n.js";
import { useAnswer } from "../parts/asking.js";
import { Failure } from "../parts/failure.js";
import { Mention } from "../parts/mention/mention.js";
import { Narrowing } from "../parts/narrowing/narrowing.js";
import { Pager } from "../parts/pager.js";

const ORDERS = ["newest", "best"];
const FORMATS = ["csv", "xlsx", "json"];

/**
 * @param {{about: object, params: object}} props
 */
export default function View({ about, params }) {
  const asked = narrowingOf(params);
  const order = ORDERS.includes(params.order) ? params.order : ORDERS[0];
  const { answer, error, loading, again } = useAnswer("/search", { ...asked, order, after: params.after });
  const results = useRef(null);
  const page = useRef(params.after);
  useEffect(() => {
    if (page.current === params.after) return;
    page.current = params.after;
    results.current.focus({ preventScroll: true });
    results.current.scrollIntoView();
  }, [params.after]);
  return html`<h1 class="hidden">${t("shell.view_search")}</h1>
    <${Narrowing} view="search" params=${params} about=${about} error=${error}>
      <section aria-label=${t("search.results")} aria-busy=${loading} tabindex="-1" ref=${results} class="results">
        <div class="results-head">
          <p class="total" role="status">${status({ answer, error, loading })}</p>
          ${answer?.total > 0 &&
          !error &&
          html`<${Order} params=${params} order=${order} /><${Downloads} asked=${asked} />`}
        </div>
        ${error && error.kind !== "query" && html`<${Failure} error=${error} onAgain=${again} />`}
        ${!error && answer && html`<${Hits} answer=${answer} about=${about} params=${params} />`}
      </section>
    <//>`;
}

function status({ answer, error, loading }) {
  if (error) return "";
  if (!answer) return loading ? t("shell.loading") : "";
  return answer.total ? t("search.found", { count: answer.total }) : t("search.nothing_found");
}

function Hits({ answer, about, params }) {
  if (!answer.hits.length) return html`<p class="quiet">${t("search.nothing_hint")}</p>`;
  return html`${answer.hits.map((found) => html`<${Mention} key=${found.id} mention=${found} about=${about} />`)}
    <${Pager} view="search" params=${params} next=${answer.next} />`;
}

function Order({ params, order }) {
  return html`<nav class="order" aria-label=${t("search.order")}>
    ${ORDERS.map(
      (one) => html`<a
        href=${link("search", { ...params, after: undefined, order: one === ORDERS[0] ? undefined : one })}
        aria-current=${one === order ? "true" : undefined}
        >${t(`search.order_${one}`)}</a
      >`,
    )}
  </nav>`;
}

function Downloads({ asked }) {
  return html`<p class="downloads">
    <span class="quiet">${t("search.export")}</span>
    ${FORMATS.map(
      (format) => html`<a href=${address("/export", { ...asked, format })} download
        aria-label=${`${t("search.export")} ${format.toUpperCase()}`}>${format.toUpperCase()}</a>`,
    )}
    <a href=${address("/export", { ...asked, format: "footer" })} download>${t("search.about_export")}</a>
  </p>`;
}
