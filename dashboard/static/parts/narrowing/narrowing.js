/** What a view is narrowed by: the query, the period, facets; around what the view itself shows. */

import { CHOSEN, go, narrowingOf } from "../../address.js";
import { html, useRef, useState } from "../../html.js";
import { t } from "../../i18n.js";
import { Chips } from "./chips.js";
import { Facets } from "./facets.js";
import { Period } from "./period.js";
import { QueryBox } from "./query_box.js";

/**
 * The frame of a view that asks questions: query above, facets beside, the view in the middle.
 *
 * Whatever is chosen goes to the address; the view follows the address. A page that was
 * reached by `after` is left then.
 *
 * @param {{view: string, params: object, about: object, error?: Error|null, children: any}} props
 *   view: whose address changes; params: of the address; error: of the view's own question, which
 *   is shown under the wrong word where the query is wrong
 */
export function Narrowing({ view, params, about, error, children }) {
  const [isOpen, setOpen] = useState(false);
  const change = (changes) => go(view, { ...params, after: undefined, ...changes });
  const count = CHOSEN.reduce((sum, name) => sum + (params[name]?.length ?? 0), 0);
  const toggle = useRef(null);
  const onEscape = (event) => {
    if (event.key !== "Escape" || !isOpen) return;
    setOpen(false);
    toggle.current.focus();
  };
  return html`
    <div class="asking" role="search">
      <${QueryBox} query=${params.q ?? ""} error=${error} onQuery=${(q) => change({ q })} />
      <${Period} first=${params.first} last=${params.last} today=${about.today} onPeriod=${change} />
    </div>
    <${Chips} params=${params} onChange=${change} />
    <div class="narrowed">
      <div class="facets-place" onKeyDown=${onEscape}>
        <button type="button" class="button facets-toggle" aria-expanded=${isOpen} aria-controls="facets"
          ref=${toggle} onClick=${() => setOpen(!isOpen)}>
          ${t("narrowing.narrow")}${count > 0 && html` <span class="count">${count}</span>`}
        </button>
        <div id="facets" class=${isOpen ? "facets open" : "facets"}>
          <${Facets} params=${params} asked=${narrowingOf(params)} onChange=${change} />
        </div>
      </div>
      <div class="answer">${children}</div>
    </div>
  `;
}
