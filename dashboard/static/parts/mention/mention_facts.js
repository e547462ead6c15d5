/** What stands around the text of a mention: who, where, when, what is unusual, the reply. */

import { link } from "../../address.js";
import { html } from "../../html.js";
import { languageName, moment, number, t } from "../../i18n.js";
import { valueName } from "../field_value.js";
import { Plain } from "../plain.js";
import { Polarity } from "../polarity.js";
import { quoted } from "../quoted.js";
import { factName } from "./facts.js";
import { surenessName } from "./sureness.js";

const MOST_STARS = 5;

/**
 * The line above the text.
 * @param {{found: object, mayWrite: boolean, panelId: string, isOpen: boolean,
 *   onSentiment: (event: Event) => void}} props
 */
export function Head({ found, mayWrite, panelId, isOpen, onSentiment }) {
  const { sentiment } = found;
  // A shop often has the name of its brand.
  const names = [...new Set([found.brand, found.product, found.location].filter(Boolean))];
  // Where there is nothing to tell and nothing may be said there is nothing to open.
  const mark =
    sentiment || mayWrite
      ? html`<button
          type="button"
          class=${`sentiment-mark ${sentiment ?? "none"}`}
          aria-expanded=${isOpen}
          aria-controls=${isOpen ? panelId : undefined}
          onClick=${onSentiment}
        >
          ${sentiment ? html`<${Polarity} value=${sentiment} of="sentiment" />` : t("mention.no_sentiment")}
        </button>`
      : html`<span class="quiet">${t("mention.no_sentiment")}</span>`;
  return html`<header class="mention-head">
    ${mark}
    ${sentiment &&
    html`<span class="sureness quiet">${surenessName(found.confidence, found.corrected)}</span>`}
    ${found.stars !== null && html`<${Stars} found=${found} />`}
    <span class="mention-names">
      ${names.map((one, index) => html`${index > 0 && " · "}<${Plain} text=${one} />`)}
    </span>
    <span class="mention-when quiet">
      <${Plain} text=${found.source} /> · ${when(found)}${found.lang && ` · ${languageName(found.lang)}`}
    </span>
  </header>`;
}

/** Time of publication; where the platform hides it, of collection, which is said. */
function when({ published_at: published, collected_at: collected }) {
  return html`<time datetime=${published ?? collected}>
    ${published ? moment(published) : t("mention.collected", { when: moment(collected) })}
  </time>`;
}

function Stars({ found }) {
  const { stars, rating, rating_max: most } = found;
  const whole = Math.round(stars);
  const given = most === null ? t("mention.rating_alone", { rating }) : t("mention.rating", { rating, most });
  const off = html`<span class="star-off">${"★".repeat(MOST_STARS - whole)}</span>`;
  return html`<span class="stars" title=${given}>
    <span aria-hidden="true">${"★".repeat(whole)}${off}</span>
    <span class=${Number.isInteger(stars) ? "hidden" : "figure"}>${" "}${number(stars)}</span>
    <span class="hidden"> ${t("mention.of_stars", { most: MOST_STARS })}</span>
  </span>`;
}

/**
 * What is unusual about a mention.
 * @param {{found: object}} props
 */
export function Badges({ found }) {
  const badges = [];
  if (found.conflict) badges.push(t(`mention.conflict_${found.conflict}`));
  if (found.corrected) badges.push(t("mention.corrected"));
  if (found.untagged_reason) badges.push(untagged(found.untagged_reason));
  if (found.case) {
    const { status, owner } = found.case;
    const stands = t("mention.case", { status: valueName("case", status) });
    badges.push(owner ? html`${stands}, <${Plain} text=${owner} />` : stands);
  }
  if (found.noise) badges.push(html`<${Noise} noise=${found.noise} />`);
  if (!badges.length) return null;
  return html`<ul class="badges">${badges.map((badge) => html`<li class="badge">${badge}</li>`)}</ul>`;
}

const REASONS = new Set(["language", "empty"]);

function untagged(reason) {
  return REASONS.has(reason) ? t(`mention.untagged_${reason}`) : t("mention.untagged");
}

function Noise({ noise }) {
  const kinds = noise.kinds.map((kind) => t(`mention.noise_${kind}`));
  const reasons = noise.reasons.map((reason) => t(`mention.reason_${reason}`));
  return html`${kinds.join(", ")}: ${reasons.join(", ")}
  ${noise.copy_of &&
  html`${" "}<a href=${link("search", { q: idQuery(noise.copy_of) })}>${t("mention.the_original")}</a>`}`;
}

/**
 * @param {string} id of a mention
 * @returns {string} the query that finds it alone
 */
export function idQuery(id) {
  return `id:"${quoted(id)}"`;
}

/**
 * What the text states about the service.
 * @param {{facts: object[]}} props
 */
export function Facts({ facts }) {
  if (!facts.length) return null;
  const names = [...new Set(facts.map(factName))];
  return html`<p class="facts">${t("mention.facts")}: ${names.join(" · ")}</p>`;
}

/**
 * The company's answer.
 * @param {{found: object}} props
 */
export function Reply({ found }) {
  if (!found.reply_text) return null;
  return html`<blockquote class="reply">
    <p class="quiet">${t("mention.reply")}${found.reply_at && `, ${moment(found.reply_at)}`}</p>
    <p><${Plain} text=${found.reply_text} /></p>
  </blockquote>`;
}

/**
 * A link to where it was written; nothing for an address that no link may have.
 * @param {{url: string|null}} props
 */
export function Original({ url }) {
  if (!/^https?:\/\//i.test(url ?? "")) return null;
  return html`<a class="original" href=${url} target="_blank" rel="noopener noreferrer">
    ${t("mention.original")} <span aria-hidden="true">↗</span>
    <span class="hidden"> ${t("mention.new_window")}</span>
  </a>`;
}
