// Text of strangers made plain: what has no shape of its own, or turns the text around it, is shown by its number.

/** Controls, joiners and marks of direction (Unicode, UAX 9), variation selectors, tags, and what is no character. */
const SHAPELESS =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]|\u034f|[\u{fe00}-\u{fe0f}]|[\u{e0100}-\u{e01ef}]/gu;
/** Marks that stand above and below each other without end. */
const HEAP = /(\p{M}{3})\p{M}+/gu;

const shown = (character: string): string =>
  `‹${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(2, '0')}›`;

/** A line of text in which everything can be seen, and nothing reaches beyond it. */
export const plainText = (text: string): string => text.replace(HEAP, '$1…').replace(SHAPELESS, shown);

/** The same of what was cut before it came here. */
export const cutText = (text: string, isCut: boolean): string => (isCut ? `${plainText(text)}…` : plainText(text));

/** `client_lost` is `client lost`. */
export const words = (name: string): string => plainText(name).replaceAll('_', ' ');
