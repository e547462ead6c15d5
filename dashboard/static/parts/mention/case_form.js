/** How a complaint stands, who takes care of it, and a note for the log. */

import { post } from "../../api.js";
import { html, useState } from "../../html.js";
import { t } from "../../i18n.js";
import { valueName } from "../field_value.js";
import { tell } from "../notices.js";
import { withNote } from "./correcting.js";
import { Panel, useWork } from "./panel.js";

const STATUSES = ["open", "waiting", "done", "rejected"];

/**
 * @param {{found: object, id: string, onChanged: (mention: object) => void, onClose: () => void}} props
 */
export function CaseForm({ found, id, onChanged, onClose }) {
  const [status, setStatus] = useState(found.case?.status ?? "open");
  const [owner, setOwner] = useState(found.case?.owner ?? "");
  const [note, setNote] = useState("");
  const [work, isBusy, error] = useWork();
  const save = (event) => {
    event.preventDefault();
    work(async () => {
      const entry = { mention_id: found.id, status, owner: owner.trim(), note: note.trim() || undefined };
      const { mention, note: remark } = await post("/cases", entry);
      onChanged(mention);
      tell(withNote(t("mention.case_saved", { status: valueName("case", status) }), remark));
    });
  };
  return html`<${Panel} id=${id} onClose=${onClose} error=${error} title=${t("mention.case_title")}>
    <form class="case-form" onSubmit=${save}>
      <div class="fields">
        <label>${t("mention.case_status")}
          <select data-first value=${status} onChange=${(event) => setStatus(event.currentTarget.value)}>
            ${STATUSES.map(
              (one) => html`<option value=${one} selected=${one === status}>${valueName("case", one)}</option>`,
            )}
          </select>
        </label>
        <label>${t("mention.case_owner")}
          <input type="text" maxlength="200" value=${owner}
            onInput=${(event) => setOwner(event.currentTarget.value)} />
        </label>
        <label class="wide">${t("mention.case_note")}
          <textarea rows="2" maxlength="2000" value=${note}
            onInput=${(event) => setNote(event.currentTarget.value)}></textarea>
        </label>
      </div>
      <button class="button primary" disabled=${isBusy}>${t("shell.save")}</button>
    </form>
  <//>`;
}
