/** What the interface says of its numbers, in the language of the page. docs/api.md has its shape. */

import { html } from "../html.js";
import { addMessages, day, knows, languageName, moment, percent, t } from "../i18n.js";
import words from "../messages/remarks.js";
import { shown } from "./spans.js";

addMessages(words);

/** Values that are not written as they are, by their names. */
const WRITTEN = {
  day,
  since: moment,
  until: moment,
  share: (share) => percent(share, 1),
  lang: languageName,
  figures: (name) => (knows(`remarks.figure_${name}`) ? t(`remarks.figure_${name}`) : shown(name)),
  field: (name) => (knows(`remarks.field_${name}`) ? t(`remarks.field_${name}`) : shown(name)),
};
/** Lists whose members may have commas of their own. */
const SENTENCES = new Set(["reasons", "sources"]);

/**
 * @typedef {object} Said
 * @property {string} text in English
 * @property {string|null} code null where Molva did not make the sentence
 * @property {Object<string, string|number|Said|(string|Said)[]>} values
 */

/**
 * @param {Said} said
 * @returns {string} in the language of the page; in English where it has no words for it
 */
export function remarkText(said) {
  return inWords(said) ?? shown(said.text);
}

/**
 * @param {{said: Said}} props
 */
export function Remark({ said }) {
  const text = inWords(said);
  return text === null ? html`<bdi lang="en">${shown(said.text)}</bdi>` : html`<bdi>${text}</bdi>`;
}

/**
 * @param {{notes: Said[]}} props
 */
export function Remarks({ notes }) {
  if (!notes.length) return null;
  return html`<ul class="remarks quiet">${notes.map((said) => html`<li key=${said.text}><${Remark} said=${said} /></li>`)}</ul>`;
}

function inWords({ code, values }) {
  if (!knows(`remarks.say_${code}`)) return null;
  const written = Object.entries(values).map(([name, value]) => [name, valueText(name, value)]);
  return t(`remarks.say_${code}`, Object.fromEntries(written));
}

/** Numbers stay numbers: which words go with them depends on the language. */
function valueText(name, value) {
  if (Array.isArray(value)) {
    return value.map((one) => valueText(name, one)).join(SENTENCES.has(name) ? "; " : ", ");
  }
  if (typeof value === "object") return remarkText(value);
  if (Object.hasOwn(WRITTEN, name)) return WRITTEN[name](value);
  return typeof value === "number" ? value : shown(value);
}
