/** Brands, branches, products, sources or languages side by side. */

import { go, narrowingOf } from "../address.js";
import { html } from "../html.js";
import { t } from "../i18n.js";
import { useAnswer } from "../parts/asking.js";
import { COMPARABLE, CompareChoice } from "../parts/compare/choice.js";
import { Distinct } from "../parts/compare/distinct.js";
import { Failure } from "../parts/failure.js";
import { GroupTable } from "../parts/compare/group_table.js";
import { Narrowing } from "../parts/narrowing/narrowing.js";
import { Remarks } from "../parts/remarks.js";
import { TopicMatrix } from "../parts/compare/topic_matrix.js";

/** So many are compared when none are named. */
const MOST = 8;

/**
 * @param {{about: object, params: object}} props
 */
export default function View({ about, params }) {
  const by = COMPARABLE.includes(params.by) ? params.by : COMPARABLE[0];
  const asked = narrowingOf(params);
  const known = useAnswer("/compare/groups", { ...asked, by });
  const { groups = [], total = 0 } = known.answer?.by === by ? known.answer : {};
  const names = groups.map(({ group }) => group);
  // Beyond the most frequent ones nobody can tell here whether it is there.
  const isThere = (name) => names.includes(name) || total > names.length;
  const named = (params.of ?? []).filter(isThere);
  const compared = named.length ? named : names.slice(0, MOST);
  const base = params.base && isThere(params.base) ? params.base : undefined;
  const question = { ...asked, by, of: named, base };
  const isPossible = new Set([...compared, ...(base ? [base] : [])]).size > 1;
  // Not before it is known what there is to compare: an unknown group would be an error.
  const state = useAnswer(isPossible && !known.loading ? "/compare" : null, question);
  const isBusy = known.loading || state.loading;
  const change = (changes) => go("compare", { ...params, ...changes });

  return html`<h1>${t("shell.view_compare")}</h1>
    <${Narrowing} view="compare" params=${params} about=${about} error=${known.error}>
      <${CompareChoice} by=${by} groups=${groups} total=${total} compared=${compared} isNamed=${named.length > 0}
        base=${base} onChange=${change} />
      <div role="status" class="hidden">
        ${isPossible && state.answer && !isBusy && t("compare.done", { count: state.answer.mentions })}
      </div>
      ${answerOf({ known, state, isPossible, names })}
      ${isPossible &&
      state.answer &&
      html`<div aria-busy=${isBusy}>
        <${GroupTable} answer=${state.answer} params=${params} />
        <${TopicMatrix} answer=${state.answer} params=${params} onChange=${change} />
        <${Distinct} question=${question} params=${params} onChange=${change} />
        <${Notes} answer=${state.answer} />
      </div>`}
    <//>`;
}

/** What stands in place of an answer. */
function answerOf({ known, state, isPossible, names }) {
  // What is wrong with a query stands under the query.
  if (known.error?.kind === "query") return null;
  if (known.error) return html`<${Failure} error=${known.error} onAgain=${known.again} />`;
  if (!isPossible && !known.loading) return html`<p>${t(names.length < 2 ? "compare.not_two" : "compare.choose_two")}</p>`;
  if (state.error) return html`<${Failure} error=${state.error} onAgain=${state.again} />`;
  return isPossible && state.answer ? null : html`<p class="quiet">${t("shell.loading")}</p>`;
}

function Notes({ answer }) {
  return html`<details class="notes">
    <summary>${t("compare.how_to_read")}</summary>
    <p>${t("compare.intervals")}</p>
    <${Remarks} notes=${answer.notes} />
  </details>`;
}
