/** What each sentence was taken to say: a mark for each topic; it lights its sentence. */

import { html } from "../../html.js";
import { t, topicName } from "../../i18n.js";
import { polarityName, Sign } from "../polarity.js";
import { isPersons, surenessName } from "./sureness.js";

/** From here on a label is no guess; below, its mark has a broken line. */
const SURE = 0.6;

/**
 * @param {{found: object, open: object|null, lit: number|null, panelId: string,
 *   onLit: (number: number|null) => void, onOpen: (label: object, button: Element) => void}} props
 */
export function TopicMarks({ found, open, lit, panelId, onLit, onOpen }) {
  const labels = found.sentences.flatMap(({ number, start, end, topics }) =>
    merged(topics, found.corrected).map((topic) => ({ ...topic, number, isWhole: start === end })),
  );
  if (!labels.length) return null;
  return html`<ul class="topic-marks" aria-label=${t("mention.topics")}>
    ${labels.map((label) => {
      const isOpen = open?.what === "topic" && open.number === label.number && open.topic === label.topic;
      return html`<li key=${`${label.number} ${label.topic}`}>
        <button
          type="button"
          class=${["topic-mark", label.polarity, lit === label.number && "lit", label.confidence < SURE && "unsure"]
            .filter(Boolean)
            .join(" ")}
          aria-expanded=${isOpen}
          aria-controls=${isOpen ? panelId : undefined}
          aria-label=${spoken(label, found.corrected)}
          onClick=${(event) => onOpen(label, event.currentTarget)}
          onMouseEnter=${() => onLit(label.number)}
          onMouseLeave=${() => onLit(null)}
          onFocus=${() => onLit(label.number)}
          onBlur=${() => onLit(null)}
        >
          <${Sign} value=${label.polarity} /> ${topicName(label.topic)}${!label.isWhole &&
          html`<sup class="footnote">${label.number}</sup>`}
        </button>
      </li>`;
    })}
  </ul>`;
}

/** Make one label of a topic that a sentence both praises and blames. */
function merged(topics, isCorrected) {
  const labels = new Map();
  for (const label of topics) {
    const other = labels.get(label.topic);
    const both = [label.confidence, other?.confidence ?? label.confidence];
    const isSaid = both.some((one) => isPersons(one, isCorrected));
    const confidence = isSaid ? Math.max(...both) : Math.min(...both);
    labels.set(label.topic, { ...label, confidence, polarity: other ? "mixed" : label.polarity });
  }
  return [...labels.values()];
}

/** What a mark says to who does not see it: it begins with what is seen. */
function spoken({ topic, polarity, number, isWhole, confidence }, isCorrected) {
  const where = isWhole ? t("mention.whole_mention") : t("mention.sentence", { number });
  return `${topicName(topic)}: ${polarityName(polarity)}, ${where}, ${surenessName(confidence, isCorrected)}`;
}
