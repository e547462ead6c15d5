/** Values that what was found has, with counts, to choose by. */

import { html, useState } from "../../html.js";
import { number, t } from "../../i18n.js";
import { useAnswer } from "../asking.js";
import { Failure } from "../failure.js";
import { fieldName, FieldValue, valueName } from "../field_value.js";
import { polarityName, SENTIMENTS, Sign } from "../polarity.js";

const FIELDS = ["source", "brand", "topic", "topic_sentiment", "sentiment", "stars", "lang"];
const ORDER = ["brand", "topic", "sentiment", "stars", "source", "lang"];
// As many as the interface gives: a topic has a value for each of its polarities.
const MOST = 100;
const SHOWN = 8;

/**
 * @param {{params: object, asked: object, onChange: (changes: object) => void}} props
 *   asked: what narrows the counts
 */
export function Facets({ params, asked, onChange }) {
  const { answer, error, loading } = useAnswer("/facets", { ...asked, field: FIELDS, limit: MOST });
  const toggle = (field, value) => {
    const chosen = params[field] ?? [];
    const rest = chosen.filter((one) => one !== value);
    onChange({ [field]: rest.length < chosen.length ? rest : [...chosen, value] });
  };
  if (error && error.kind !== "query") return html`<${Failure} error=${error} />`;
  if (!answer) return loading ? html`<p class="quiet">${t("shell.loading")}</p>` : null;
  const splits = new Map();
  for (const count of answer.fields.topic_sentiment) splits.set(count.value, count);
  return html`<div aria-busy=${loading}>
    ${ORDER.map(
      (field) => html`<${Facet}
        key=${field}
        field=${field}
        counts=${answer.fields[field]}
        chosen=${params[field] ?? []}
        splits=${field === "topic" ? splits : null}
        onToggle=${(value) => toggle(field, value)}
      />`,
    )}
  </div>`;
}

function Facet({ field, counts, chosen, splits, onToggle }) {
  const [isWhole, setWhole] = useState(false);
  const values = sorted(field, withChosen(counts, chosen));
  const none = counts.find(({ value }) => value === null);
  if (!values.length) return null;
  const visible = isWhole
    ? values
    : values.filter(({ value }, index) => index < SHOWN || chosen.includes(value));
  return html`<fieldset class="facet">
    <legend>${fieldName(field)}</legend>
    <ul>
      ${visible.map(
        ({ value, mentions, is_estimate: isEstimate }) => html`<li key=${value}>
          <label class="facet-value">
            <input type="checkbox" checked=${chosen.includes(value)} onChange=${() => onToggle(value)} />
            <span class="facet-name"><${FieldValue} field=${field} value=${value} /></span>
            <span class="figure"><${Count} mentions=${mentions} isEstimate=${isEstimate} /></span>
          </label>
          ${splits && html`<${Split} topic=${value} splits=${splits} chosen=${chosen} onToggle=${onToggle} />`}
        </li>`,
      )}
      ${none &&
      html`<li class="facet-value quiet">
        <span class="facet-name">${t("narrowing.no_value")}</span>
        <span class="figure"><${Count} mentions=${none.mentions} isEstimate=${none.is_estimate} /></span>
      </li>`}
    </ul>
    ${values.length > visible.length &&
    html`<button type="button" class="link" onClick=${() => setWhole(true)}>
      ${t("narrowing.show_all", { count: values.length })}
    </button>`}
  </fieldset>`;
}

/** How many; of very many mentions it is reckoned from a sample, which is said. */
function Count({ mentions, isEstimate }) {
  if (mentions === null) return null;
  const written = amount(mentions, isEstimate);
  return isEstimate ? html`<span title=${t("narrowing.estimate")}>${written}</span>` : written;
}

function amount(mentions, isEstimate) {
  return isEstimate ? `≈ ${number(mentions)}` : number(mentions);
}

/** How often a topic is praised and blamed. */
function Split({ topic, splits, chosen, onToggle }) {
  const parts = SENTIMENTS.map((polarity) => ({
    polarity,
    value: `${topic}:${polarity}`,
    mentions: splits.get(`${topic}:${polarity}`)?.mentions ?? 0,
    isEstimate: splits.get(`${topic}:${polarity}`)?.is_estimate ?? false,
  })).filter(({ value, mentions }) => mentions > 0 || chosen.includes(value));
  return html`<div class="split">
    ${parts.map(
      ({ polarity, value, mentions, isEstimate }) => html`<button
        type="button"
        key=${polarity}
        class=${`split-part ${polarity}`}
        aria-pressed=${chosen.includes(value)}
        aria-label=${`${valueName("topic", value)}: ${amount(mentions, isEstimate)}`}
        title=${polarityName(polarity)}
        onClick=${() => onToggle(value)}
      >
        <${Sign} value=${polarity} /> <${Count} mentions=${mentions} isEstimate=${isEstimate} />
      </button>`,
    )}
  </div>`;
}

/** Add what is chosen and not counted, so that it can be taken away. */
function withChosen(counts, chosen) {
  const found = new Set(counts.map(({ value }) => value));
  const missing = chosen.filter((value) => !found.has(value) && !value.includes(":"));
  // Of a field with more values than are asked for, nobody has counted the rest.
  const mentions = counts.length < MOST ? 0 : null;
  return [
    ...counts.filter(({ value }) => value !== null),
    ...missing.map((value) => ({ value, mentions })),
  ];
}

function sorted(field, values) {
  if (field === "stars") return values.toSorted((a, b) => b.value - a.value);
  if (field === "sentiment") {
    return values.toSorted((a, b) => SENTIMENTS.indexOf(a.value) - SENTIMENTS.indexOf(b.value));
  }
  return values;
}
