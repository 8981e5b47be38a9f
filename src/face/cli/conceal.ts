// A target can be typed where a verb or a number belongs: what repeats the operator's words must not repeat a password.

/** Takes passwords out of URIs and of key=value pairs. */
export const conceal = (text: string): string =>
  text
    // Up to the last @, because a bare @ in a password is common.
    .replace(/(:\/\/[^\s:/@]*):\S*@/g, '$1:…@')
    .replace(/(password\s*=\s*)(?:'(?:[^'\\]|\\.)*'|\S+)/gi, '$1…')
