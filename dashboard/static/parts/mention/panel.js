/** What opens below a mention's marks: takes the focus, gives it back, tells of errors. */

import { html, useEffect, useRef, useState } from "../../html.js";
import { t } from "../../i18n.js";
import { Failure } from "../failure.js";

/**
 * @param {{id: string, title: any, onClose: () => void, error?: Error|null, children: any}} props
 */
export function Panel({ id, title, onClose, error, children }) {
  const place = useRef(null);
  useEffect(() => {
    (place.current.querySelector("[data-first]") ?? place.current.querySelector(".close")).focus();
  }, []);
  return html`<section class="panel" id=${id} ref=${place} aria-labelledby=${`${id}-title`}>
    <div class="panel-head">
      <p class="panel-title" id=${`${id}-title`}>${title}</p>
      <button type="button" class="close" aria-label=${t("shell.close")} onClick=${onClose}>×</button>
    </div>
    ${children}
    ${error && html`<${Failure} error=${error} />`}
  </section>`;
}

/**
 * Do what may fail, one at a time.
 * @returns {[(work: () => Promise<void>) => Promise<void>, boolean, Error|null]}
 *   a function that does it, whether it is being done, and how the last one failed
 */
export function useWork() {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState(null);
  const isWorking = useRef(false);
  const begunAt = useRef(null);
  useEffect(() => {
    // A button that cannot be pressed for a while loses the focus; one has to be able to go on.
    if (error && document.activeElement === document.body) begunAt.current.focus();
  }, [error]);
  const work = async (task) => {
    if (isWorking.current) return;
    isWorking.current = true;
    begunAt.current = document.activeElement;
    setBusy(true);
    setError(null);
    try {
      await task();
    } catch (failure) {
      setError(failure);
    }
    isWorking.current = false;
    setBusy(false);
  };
  return [work, isBusy, error];
}
