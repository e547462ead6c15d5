/** The labels of a mention, opened: how sure each is, why it was given, what it should be. */

import { get } from "../../api.js";
import { html, useEffect, useRef, useState } from "../../html.js";
import { t, topicCodes, topicMeaning, topicName } from "../../i18n.js";
import { Polarity, polarityName, SENTIMENTS } from "../polarity.js";
import { shown, slice } from "../spans.js";
import { correct } from "./correcting.js";
import { Panel, useWork } from "./panel.js";
import { isPersons, surenessName } from "./sureness.js";

/** So many of the words that counted most are named, if the label's probability falls by so much
 * without them. */
const NAMED_WORDS = 5;
const LEAST_WEIGHT = 0.01;

/**
 * One topic of one sentence.
 * @param {{found: object, about: object, id: string, label: object, why: object|null,
 *   onWhy: (why: object) => void, onChanged: (mention: object) => void, onClose: () => void}} props
 */
export function TopicPanel({ found, about, id, label, why, onWhy, onChanged, onClose }) {
  const { topic, number, isWhole, confidence, polarity } = label;
  const [work, isBusy, error] = useWork();
  const name = topicName(topic);
  const choose = (value) =>
    work(() => {
      const said = `${name}: ${value ? polarityName(value) : t("mention.not_spoken_of")}`;
      const sentence = isWhole ? undefined : number;
      return correct({ mention_id: found.id, version: found.version, topics: { [topic]: value }, sentence }, said, onChanged);
    });
  const explain = () => work(async () => onWhy(await get("/why", { id: found.id, number, topic })));
  const title = html`<${Polarity} value=${polarity} /> · ${name}`;
  return html`<${Panel} id=${id} onClose=${onClose} error=${error} title=${title}>
    <p class="quiet">${topicMeaning(topic)}</p>
    <p>${t("mention.sureness", { how: surenessName(confidence, found.corrected) })}</p>
    ${about.access === "write" &&
    html`<${Choices} value=${polarity} of="topic" isBusy=${isBusy} mayBeNone onChoose=${choose} />`}
    ${!isPersons(confidence, found.corrected) &&
    (why
      ? html`<${WhyWords} found=${found} why=${why} />`
      : html`<button type="button" class="link" disabled=${isBusy} data-first=${about.access !== "write"}
          onClick=${explain}>
          ${isBusy ? t("shell.loading") : t("mention.why")}
        </button>`)}
  <//>`;
}

/**
 * The sentiment of the mention as a whole.
 * @param {{found: object, about: object, id: string, onChanged: (mention: object) => void,
 *   onClose: () => void}} props
 */
export function SentimentPanel({ found, about, id, onChanged, onClose }) {
  const [work, isBusy, error] = useWork();
  const choose = (value) =>
    work(() => {
      const said = `${t("mention.overall")}: ${polarityName(value, "sentiment")}`;
      return correct({ mention_id: found.id, version: found.version, sentiment: value }, said, onChanged);
    });
  return html`<${Panel} id=${id} onClose=${onClose} error=${error} title=${t("mention.overall")}>
    ${found.sentiment &&
    html`<p>${t("mention.sureness", { how: surenessName(found.confidence, found.corrected) })}</p>`}
    ${about.access === "write" &&
    html`<${Choices} value=${found.sentiment} of="sentiment" isBusy=${isBusy} onChoose=${choose} />`}
  <//>`;
}

/**
 * A topic that a sentence speaks of and that nobody has noticed.
 * @param {{found: object, id: string, onLit: (number: number|null) => void,
 *   onChanged: (mention: object) => void, onClose: () => void}} props
 */
export function MissingTopic({ found, id, onLit, onChanged, onClose }) {
  const sentences = found.sentences.filter(({ start, end }) => start < end);
  const [sentence, setSentence] = useState(sentences[0]?.number ?? "");
  const [topic, setTopic] = useState("");
  const [work, isBusy, error] = useWork();
  const choose = (value) =>
    work(() => {
      const said = `${topicName(topic)}: ${polarityName(value)}`;
      const where = sentence === "" ? undefined : Number(sentence);
      return correct({ mention_id: found.id, version: found.version, topics: { [topic]: value }, sentence: where }, said, onChanged);
    });
  const chooseSentence = (event) => {
    setSentence(event.currentTarget.value);
    onLit(Number(event.currentTarget.value) || null);
  };
  return html`<${Panel} id=${id} onClose=${onClose} error=${error} title=${t("mention.add_topic")}>
    <div class="fields">
      <label>${t("mention.which_topic")}
        <select data-first value=${topic} onChange=${(event) => setTopic(event.currentTarget.value)}>
          <option value="" disabled selected=${topic === ""}>${t("mention.choose")}</option>
          ${topicCodes().map(
            (code) => html`<option value=${code} selected=${code === topic}>${topicName(code)}</option>`,
          )}
        </select>
      </label>
      <label>${t("mention.which_sentence")}
        <select value=${sentence} onChange=${chooseSentence}>
          ${sentences.map(
            (one) => html`<option value=${one.number}>${one.number}. ${beginning(found, one)}</option>`,
          )}
          <option value="">${t("mention.whole_mention")}</option>
        </select>
      </label>
    </div>
    <${Choices} of="topic" isBusy=${isBusy || topic === ""} onChoose=${choose} />
  <//>`;
}

function Choices({ value, of, isBusy, mayBeNone, onChoose }) {
  return html`<div class="label-choices" role="group" aria-label=${t("mention.should_be")}>
    ${SENTIMENTS.map(
      (one, index) => html`<button type="button" class=${`label-choice ${one}`} aria-pressed=${one === value}
        disabled=${isBusy} data-first=${index === 0} onClick=${() => onChoose(one)}>
        <${Polarity} value=${one} of=${of} />
      </button>`,
    )}
    ${mayBeNone &&
    html`<button type="button" class="label-choice neutral" disabled=${isBusy} onClick=${() => onChoose(null)}>
      <span class="sign" aria-hidden="true">×</span> ${t("mention.not_spoken_of")}
    </button>`}
  </div>`;
}

/** In words what the shading of the sentence shows. */
function WhyWords({ found, why }) {
  const { field } = found.sentences.find(({ number }) => number === why.number);
  const strongest = why.words
    .filter(({ weight }) => weight >= LEAST_WEIGHT)
    .toSorted((a, b) => b.weight - a.weight)
    .map(({ start, end }) => `«${shown(slice(found[field], start, end))}»`);
  const words = [...new Set(strongest)].slice(0, NAMED_WORDS);
  const place = useRef(null);
  // It stands where the button was that asked for it.
  useEffect(() => place.current.focus(), []);
  return html`<p class="why-words" tabindex="-1" ref=${place}>
    ${words.length ? html`${t("mention.why_words")} <bdi>${words.join(", ")}</bdi>` : t("mention.why_nothing")}
  </p>`;
}

const BEGINNING = 60;

function beginning(found, { field, start, end }) {
  const words = shown(slice(found[field], start, Math.min(end, start + BEGINNING)));
  return end - start > BEGINNING ? `${words}…` : words;
}
