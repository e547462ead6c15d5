/** The query, in the language of the command line; what is wrong stands under the wrong word. */

import { html, useEffect, useLayoutEffect, useRef, useState } from "../../html.js";
import { t } from "../../i18n.js";
import { Mistake } from "../mistake.js";
import { Plain } from "../plain.js";
import { slice } from "../spans.js";
import { QueryHelp } from "./query_help.js";

/** The longest query that the interface takes, in characters. */
const LONGEST = 4000;

/**
 * @param {{query: string, error?: import("../../api.js").ApiError|null,
 *   onQuery: (query: string) => void}} props
 */
export function QueryBox({ query, error, onQuery }) {
  const [draft, setDraft] = useState(query);
  const [isHelping, setHelping] = useState(false);
  const field = useRef(null);
  const helper = useRef(null);
  useEffect(() => setDraft(query), [query]);
  // Only of what was asked, not of what is being written since.
  const wrong = error?.kind === "query" && draft === query ? error : null;
  const ask = (event) => {
    event.preventDefault();
    onQuery(draft.trim());
  };
  const onKey = (event) => {
    if (event.key === "Enter" && !event.isComposing) ask(event);
    if (event.key === "Escape") event.currentTarget.blur();
  };
  const take = (example) => {
    setDraft(example);
    onQuery(example);
    field.current.focus();
  };
  const close = () => {
    setHelping(false);
    helper.current.focus();
  };
  const onEscape = (event) => event.key === "Escape" && isHelping && close();
  return html`<form class="query" onSubmit=${ask} onKeyDown=${onEscape}>
    <label class="hidden" for="query">${t("narrowing.query")}</label>
    <div class="query-line">
      <div class="query-field">
        <${Mirror} text=${draft} position=${wrong?.position} />
        <textarea
          id="query"
          ref=${field}
          rows="1"
          maxlength=${LONGEST}
          spellcheck=${false}
          autocapitalize="off"
          autocomplete="off"
          enterkeyhint="search"
          placeholder=${t("narrowing.query_placeholder")}
          aria-invalid=${wrong !== null}
          aria-describedby=${wrong ? "query-error" : undefined}
          value=${draft}
          onInput=${(event) => setDraft(event.currentTarget.value)}
          onKeyDown=${onKey}
        ></textarea>
      </div>
      <button class="button primary">${t("narrowing.ask")}</button>
      <button type="button" class="button" aria-expanded=${isHelping} aria-controls="query-help"
        ref=${helper} onClick=${() => setHelping(!isHelping)}>${t("narrowing.help")}</button>
    </div>
    ${wrong && html`<${Wrong} query=${query} error=${wrong} />`}
    <div id="query-help">${isHelping && html`<${QueryHelp} onExample=${take} onClose=${close} />`}</div>
  </form>`;
}

/** What the field says, behind it: it makes the field as high as its text and underlines words. */
function Mirror({ text, position = null }) {
  const piece = position === null ? "" : wrongPiece(text, position);
  const end = position === null ? 0 : position + [...piece].length;
  return html`<div class="mirror" aria-hidden="true">
    ${position === null
      ? text
      : [slice(text, 0, position), html`<span class="wrong">${piece || "\u00a0"}</span>`, slice(text, end)]}
    ${"\u200b"}
  </div>`;
}

function Wrong({ query, error }) {
  const line = useRef(null);
  // The message begins under the wrong word, as far as it then still has room.
  useLayoutEffect(() => {
    const word = line.current.parentElement.querySelector(".mirror .wrong");
    if (!word) return;
    const from = line.current.parentElement.getBoundingClientRect();
    const room = Math.max(from.width - 320, 0);
    line.current.style.marginInlineStart = `${Math.min(word.getBoundingClientRect().left - from.left, room)}px`;
  }, [query, error]);
  const piece = error.position === null ? "" : wrongPiece(query, error.position);
  return html`<p id="query-error" class="query-error" role="alert" ref=${line}>
    <strong>${t("shell.error_query")}</strong>
    ${piece && html`<span class="hidden">: <${Plain} text=${piece} /></span>`}<br />
    <${Mistake} error=${error} />
  </p>`;
}

/** Return the word that begins at a place in code points; a quotation reaches to the end. */
function wrongPiece(query, position) {
  const rest = slice(query, position);
  return /^["«“]/.test(rest) ? rest : (rest.match(/^[^\s()]+|^[()]/)?.[0] ?? "");
}
