/** Tables: figures stand right, every one has a caption, and rows are in the order one chooses. */

import { html, useState } from "../html.js";

/**
 * @typedef {{title: any, isFigure?: boolean, cell: (row: any) => any,
 *   order?: (row: any) => number|string|null}} Column
 *   isFigure: digits stand under digits; order: what rows can be put in order by, null stands last
 */

/**
 * @param {{caption: string, columns: Column[], rows: any[], keyOf: (row: any) => string|number,
 *   name?: string}} props
 *   the first column names its row; name: a class of its own
 */
export function Table({ caption, columns, rows, keyOf, name = "" }) {
  const [sorting, setSorting] = useState(null);
  const kind = (column) => (column.isFigure ? "figure" : undefined);
  const [first, ...others] = columns;
  // It takes the focus, so that keys can scroll it where the screen is narrow.
  return html`<div class=${`table-place ${name}`} role="region" aria-label=${caption} tabindex="0">
    <table class="table">
      <caption>${caption}</caption>
      <thead>
        <tr>
          ${columns.map(
            (column, index) => html`<th scope="col" class=${kind(column)} aria-sort=${direction(sorting, index)}>
              ${column.order
                ? html`<${Sorter} column=${column} sorting=${sorting} index=${index} onSort=${setSorting} />`
                : column.title}
            </th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${sorted(rows, columns, sorting).map(
          (row) => html`<tr key=${keyOf(row)}>
            <th scope="row" class=${kind(first)}>${first.cell(row)}</th>
            ${others.map((column) => html`<td class=${kind(column)}>${column.cell(row)}</td>`)}
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function Sorter({ column, sorting, index, onSort }) {
  const isIts = sorting?.index === index;
  // The largest figure is looked for first, names begin with A.
  const isDown = isIts ? !sorting.isDown : Boolean(column.isFigure);
  return html`<button type="button" class="sort" onClick=${() => onSort({ index, isDown })}>
    ${column.title}${"\u00a0"}<span aria-hidden="true">${isIts ? (sorting.isDown ? "↓" : "↑") : "↕"}</span>
  </button>`;
}

function direction(sorting, index) {
  if (sorting?.index !== index) return undefined;
  return sorting.isDown ? "descending" : "ascending";
}

function sorted(rows, columns, sorting) {
  const order = sorting && columns[sorting.index]?.order;
  if (!order) return rows;
  const sign = sorting.isDown ? -1 : 1;
  return rows.toSorted((one, other) => {
    const [a, b] = [order(one), order(other)];
    if (a === null || b === null) return (a === null) - (b === null);
    return sign * (typeof a === "string" ? a.localeCompare(b) : a - b);
  });
}
