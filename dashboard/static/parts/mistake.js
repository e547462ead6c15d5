/** What is wrong, in the language of the page; in English where the page has no words for it. */

import { html } from "../html.js";
import { addMessages, knows, t } from "../i18n.js";
import mistakes from "../messages/mistakes.js";
import { Plain } from "./plain.js";

addMessages(mistakes);

/**
 * @param {Error & {code?: string|null, values?: Object<string, string>}} error
 * @returns {{text: string, lang?: "en"}} `lang` only where the text is not in the page's language
 */
export function mistake(error) {
  if (error.code && knows(`mistakes.code_${error.code}`)) {
    return { text: t(`mistakes.code_${error.code}`, error.values) };
  }
  return { text: error.message, lang: "en" };
}

/**
 * The sentence of an error. What it quotes may be a stranger's, who made the link.
 * @param {{error: Error & {code?: string|null, values?: Object<string, string>}}} props
 */
export function Mistake({ error }) {
  const { text, lang } = mistake(error);
  return html`<span lang=${lang}><${Plain} text=${text} /></span>`;
}
