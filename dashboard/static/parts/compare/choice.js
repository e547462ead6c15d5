/** What is held against what: what tells the groups apart, which of them, and the base. */

import { html, useState } from "../../html.js";
import { number, t } from "../../i18n.js";
import { FieldValue, fieldName, valueName } from "../field_value.js";

/** What can tell groups apart; the first where nothing is chosen. */
export const COMPARABLE = ["brand", "location", "product", "source", "lang"];
const SHOWN = 12;

/**
 * @param {{by: string, groups: {group: string, mentions: number}[], total: number,
 *   compared: string[], isNamed: boolean, base: string|undefined,
 *   onChange: (changes: object) => void}} props
 *   compared: names of the groups that are; isNamed: whether someone chose them
 */
export function CompareChoice({ by, groups, total, compared, isNamed, base, onChange }) {
  return html`<div class="compare-choice">
    <div class="choice" role="group" aria-label=${t("compare.by")}>
      ${COMPARABLE.map(
        (name) => html`<button key=${name} type="button" class="button" aria-pressed=${name === by}
          onClick=${() => onChange({ by: name, of: undefined, base: undefined })}>${fieldName(name)}</button>`,
      )}
    </div>
    ${groups.length > 1 &&
    html`<${Groups} ...${{ by, groups, total, compared, isNamed, onChange }} />
      <label class="compare-base">
        ${t("compare.base")}${" "}
        <select value=${base ?? ""} onChange=${(event) => onChange({ base: event.currentTarget.value || undefined })}>
          <option value="" selected=${!base}>${t("compare.all_others")}</option>
          ${[...new Set([...compared, ...(base ? [base] : [])])].map(
            (name) => html`<option key=${name} value=${name} selected=${name === base}>${valueName(by, name)}</option>`,
          )}
        </select>
      </label>`}
  </div>`;
}

function Groups({ by, groups, total, compared, isNamed, onChange }) {
  const [isWhole, setWhole] = useState(false);
  const toggle = (name) => {
    const rest = compared.filter((one) => one !== name);
    onChange({ of: rest.length < compared.length ? rest : [...compared, name] });
  };
  const visible = isWhole ? groups : groups.filter(({ group }, index) => index < SHOWN || compared.includes(group));
  return html`<fieldset class="compare-groups">
    <legend class="hidden">${t("compare.groups")}</legend>
    <ul>
      ${visible.map(
        ({ group, mentions }) => html`<li key=${group}>
          <label class="facet-value">
            <input type="checkbox" checked=${compared.includes(group)} onChange=${() => toggle(group)} />
            <span><${FieldValue} field=${by} value=${group} /></span>
            <span class="quiet figure">${number(mentions)}</span>
          </label>
        </li>`,
      )}
      ${groups.length > visible.length &&
      html`<li>
        <button type="button" class="link" onClick=${() => setWhole(true)}>${t("narrowing.show_all", { count: groups.length })}</button>
      </li>`}
      ${isNamed &&
      html`<li>
        <button type="button" class="link" onClick=${() => onChange({ of: undefined })}>${t("compare.largest")}</button>
      </li>`}
    </ul>
    ${total > groups.length &&
    html`<p class="quiet">${t("compare.more_groups", { shown: number(groups.length), total: number(total) })}</p>`}
  </fieldset>`;
}
