/** Preact with htm, as every file of the page uses them: `html` writes elements without a build step. */

import htm from "./vendor/htm.js";
import { h } from "./vendor/preact.js";

export { render } from "./vendor/preact.js";
export {
  useCallback,
  useEffect,
  useErrorBoundary,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "./vendor/preact-hooks.js";

/** Template tag; what is put into a template is text, an attribute or an element, never markup. */
export const html = htm.bind(h);
