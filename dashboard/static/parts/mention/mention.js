/** A mention as a card: what was written, what it was taken to say and why, and what became of it. */

import { html, useEffect, useId, useLayoutEffect, useRef, useState } from "../../html.js";
import { moment, t } from "../../i18n.js";
import { polarityName } from "../polarity.js";
import { shown } from "../spans.js";
import { CaseForm } from "./case_form.js";
import { MissingTopic, SentimentPanel, TopicPanel } from "./label_panels.js";
import { Badges, Facts, Head, Original, Reply } from "./mention_facts.js";
import { MentionText } from "./mention_text.js";
import { More } from "./more.js";
import { TopicMarks } from "./topic_marks.js";

/**
 * One mention.
 *
 * At most one thing of it is open at a time: a label, the case, what else is known.
 * @param {{mention: object, about: object, onChange?: (mention: object) => void}} props
 *   mention: as the interface finds it; onChange: told of what a correction or an entry made of it
 */
export function Mention({ mention, about, onChange }) {
  const [found, setFound] = useState(mention);
  const [open, setOpen] = useState(null);
  const [lit, setLit] = useState(null);
  const [why, setWhy] = useState(null);
  const card = useRef(null);
  const opener = useRef(null);
  const id = useId();
  const isClosing = useRef(false);
  useEffect(() => setFound(mention), [mention]);
  useLayoutEffect(() => {
    if (!isClosing.current) return;
    isClosing.current = false;
    // A mark that is gone with its label leaves the focus to the card.
    (opener.current?.isConnected ? opener.current : card.current).focus();
  });

  const show = (what, button) => {
    opener.current = button;
    setWhy(null);
    setOpen(isSame(open, what) ? null : what);
  };
  const close = () => {
    setOpen(null);
    setWhy(null);
    setLit(null);
    isClosing.current = true;
  };
  const changed = (next) => {
    // What was asked for stays marked: the answer to a correction knows of no query.
    const { highlights, relevance } = found;
    setFound(next.text === found.text ? { ...next, highlights, relevance } : next);
    onChange?.(next);
    close();
  };
  const onKey = (event) => {
    if (event.key !== "Escape" || !open) return;
    event.stopPropagation();
    close();
  };
  const panel = { found, about, id: `${id}-panel`, onChanged: changed, onClose: close };
  const mayWrite = about.access === "write";
  return html`<article class="mention" tabindex="-1" ref=${card} aria-label=${name(found)} onKeyDown=${onKey}>
    <${Head} found=${found} mayWrite=${mayWrite} panelId=${panel.id} isOpen=${open?.what === "sentiment"}
      onSentiment=${(event) => show({ what: "sentiment" }, event.currentTarget)} />
    <${Badges} found=${found} />
    <${MentionText} found=${found} lit=${lit ?? open?.number} why=${why} isNumbered=${open?.what === "missing"}
      onLit=${setLit} />
    <${Facts} facts=${found.facts} />
    <${TopicMarks} found=${found} open=${open} lit=${lit} panelId=${panel.id} onLit=${setLit}
      onOpen=${(label, button) => show({ what: "topic", ...label }, button)} />
    ${open?.what === "topic" &&
    html`<${TopicPanel} ...${panel} key=${`${open.number} ${open.topic}`} label=${open} why=${why}
      onWhy=${setWhy} />`}
    ${open?.what === "sentiment" && html`<${SentimentPanel} ...${panel} />`}
    ${open?.what === "missing" && html`<${MissingTopic} ...${panel} onLit=${setLit} />`}
    <${Reply} found=${found} />
    <footer class="mention-foot">
      ${mayWrite &&
      html`<${Opener} what="missing" ...${{ open, show, panel }}>${t("mention.add_topic")}<//>
        <${Opener} what="case" ...${{ open, show, panel }}>
          ${found.case ? t("mention.change_case") : t("mention.open_case")}
        <//>`}
      <${Opener} what="more" ...${{ open, show, panel }}>${t("mention.more")}<//>
      <${Original} url=${found.url} />
    </footer>
    ${open?.what === "case" && html`<${CaseForm} ...${panel} />`}
    ${open?.what === "more" && html`<${More} ...${panel} />`}
  </article>`;
}

function Opener({ what, open, show, panel, children }) {
  const isOpen = open?.what === what;
  return html`<button type="button" class="link" aria-expanded=${isOpen}
    aria-controls=${isOpen ? panel.id : undefined}
    onClick=${(event) => show({ what }, event.currentTarget)}>${children}</button>`;
}

function isSame(one, other) {
  return one?.what === other.what && one.number === other.number && one.topic === other.topic;
}

function name(found) {
  const sentiment = found.sentiment && polarityName(found.sentiment, "sentiment");
  const about = [found.brand, found.source].filter(Boolean).map(shown);
  return [t("mention.mention"), ...about, moment(found.published_at ?? found.collected_at), sentiment]
    .filter(Boolean)
    .join(", ");
}
