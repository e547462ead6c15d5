/** Saying what a label should be, and taking it back. */

import { post } from "../../api.js";
import { t } from "../../i18n.js";
import { mistake } from "../mistake.js";
import { tell } from "../notices.js";
import { remarkText } from "../remarks.js";

/**
 * Write a correction, and offer to take it back.
 * @param {{mention_id: string, version: string, sentiment?: string, topics?: object, sentence?: number}} correction
 * @param {string} what in words: what is said now
 * @param {(mention: object) => void} onChanged told of the mention as it stands then, also when
 *   the correction is taken back
 * @throws {ApiError} it was not written
 */
export async function correct(correction, what, onChanged) {
  const { mention, is_new: isNew, note, correction: number } = await post("/corrections", correction);
  onChanged(mention);
  if (!isNew) {
    tell(t("mention.was_so"));
    return;
  }
  const undo = async () => {
    try {
      const answer = await post("/corrections/undo", {
        mention_id: correction.mention_id,
        // This one: somebody may have said more meanwhile.
        correction: number,
      });
      onChanged(answer.mention);
      tell(withNote(t(answer.is_new ? "mention.undone" : "mention.nothing_undone"), answer.note));
    } catch (error) {
      tell(withNote(t("mention.not_undone"), mistake(error).text));
    }
  };
  tell(withNote(t("mention.corrected_to", { what }), note), { label: t("mention.undo"), run: undo });
}

/**
 * Return what is told of something that was written.
 * @param {string} text
 * @param {import("../remarks.js").Said|string|null} note of the interface: why the cluster does
 *   not have it yet, or the error
 * @returns {string}
 */
export function withNote(text, note) {
  if (!note) return text;
  return `${text} ${typeof note === "string" ? note : remarkText(note)}`;
}
