/** A chart drawn by uPlot, in the size that its place has and the colours of the scheme. */

import { html, useLayoutEffect, useRef } from "../../html.js";
import { useLanguage } from "../../i18n.js";
import uPlot from "../../vendor/uplot.js";
import { look, useScheme } from "./chart_look.js";

/**
 * The picture alone: who uses it gives it a name and says in words what it shows.
 * @param {{make: (look: import("./chart_look.js").Look) => {options: object, data: object[]},
 *   kind: string, onPlot?: (plot: uPlot|null) => void}} props
 *   make: has to stay the same function as long as nothing changes; kind: a class that gives the
 *   height; onPlot: told of each plot that is made, and null when it is gone
 */
export function Chart({ make, kind, onPlot }) {
  const place = useRef(null);
  const isDark = useScheme();
  const language = useLanguage();
  useLayoutEffect(() => {
    let plot = null;
    const stop = watchSize(place.current, (size) => {
      if (plot) {
        plot.setSize(size);
        return;
      }
      const { options, data } = make(look());
      plot = new uPlot({ ...size, legend: { show: false }, ...options }, data, place.current);
      onPlot?.(plot);
    });
    return () => {
      stop();
      onPlot?.(null);
      plot?.destroy();
    };
  }, [make, isDark, language]);
  return html`<div class=${`chart ${kind}`} ref=${place} aria-hidden="true"></div>`;
}

const watched = new Map();
// One observer for all charts: it tells their sizes together, after layout, so that drawing many
// of them does not make the browser lay out the page for each.
const sizes = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) {
    const { width, height } = contentRect;
    if (width > 0 && height > 0) watched.get(target)?.({ width: Math.floor(width), height: Math.floor(height) });
  }
});

/** Tell the size of an element, first as it is and then whenever it changes. */
function watchSize(element, tell) {
  watched.set(element, tell);
  sizes.observe(element);
  return () => {
    sizes.unobserve(element);
    watched.delete(element);
  };
}
