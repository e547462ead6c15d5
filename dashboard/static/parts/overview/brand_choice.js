/** One brand, or all of them: the choice that an overview needs most. */

import { html } from "../../html.js";
import { t } from "../../i18n.js";
import { fieldName } from "../field_value.js";
import { Plain } from "../plain.js";

/**
 * @param {{brands: {value: string|null}[]|undefined, chosen: string[],
 *   onChange: (brand: string[]|undefined) => void}} props
 *   brands: of the facets; undefined before they are known
 */
export function BrandChoice({ brands, chosen, onChange }) {
  const names = [...new Set([...(brands ?? []).map(({ value }) => value).filter(Boolean), ...chosen])];
  if (names.length < 2 && !chosen.length) return null;
  const isOnly = (name) => chosen.length === 1 && chosen[0] === name;
  return html`<div class="choice" role="group" aria-label=${fieldName("brand")}>
    <button type="button" class="button" aria-pressed=${!chosen.length} onClick=${() => onChange(undefined)}>
      ${t("overview.all_brands")}
    </button>
    ${names.map(
      (name) => html`<button key=${name} type="button" class="button"
        aria-pressed=${chosen.includes(name)} onClick=${() => onChange(isOnly(name) ? undefined : [name])}>
        <${Plain} text=${name} />
      </button>`,
    )}
  </div>`;
}
