/** Signing in with a token; the server gives a cookie for it that scripts cannot read. */

import { post } from "../api.js";
import { html, useEffect, useRef, useState } from "../html.js";
import { t } from "../i18n.js";
import { Failure } from "./failure.js";

/**
 * The form that stands in the place of a view until someone has signed in.
 * @param {{onDone: () => void}} props
 */
export function SignIn({ onDone }) {
  const [error, setError] = useState(null);
  const field = useRef(null);
  useEffect(() => field.current.focus(), []);
  const submit = async (event) => {
    event.preventDefault();
    try {
      await post("/session", { token: field.current.value });
    } catch (refusal) {
      setError(refusal);
      field.current.select();
      return;
    }
    onDone();
  };
  return html`<form class="sign-in" onSubmit=${submit}>
    <h1>${t("shell.sign_in_title")}</h1>
    <p>${t("shell.sign_in_text")}</p>
    <label for="token">${t("shell.token")}</label>
    <input id="token" ref=${field} type="password" autocomplete="current-password" required maxlength="1000" />
    <button class="button primary">${t("shell.sign_in")}</button>
    ${error && html`<${Failure} error=${error} />`}
  </form>`;
}
