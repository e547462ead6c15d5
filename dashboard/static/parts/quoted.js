/** Values in a query. */

/**
 * @param {string} value
 * @returns {string} as it stands between quotation marks of a query
 */
export function quoted(value) {
  return value.replace(/[\\"]/g, "\\$&");
}
