/**
 * Text of files and of others, made fit for a terminal: control characters (C0, DEL, C1) and those
 * that turn the direction of writing are shown as escapes. A name in a mission or a recording could
 * otherwise clear the screen, set the window's title or forge lines of the output.
 */

// Line feed and tab stay: the command's own text is made of lines.
const UNFIT = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029]/gu;

export function plainText(text: string): string {
  return text.replaceAll(
    UNFIT,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The same for one field of a line, which a line feed must not break in two. */
export function plainField(text: string): string {
  return plainText(text).replaceAll("\n", "\\n");
}

/** From here on everything that the command prints is plain. Progress bars write by themselves. */
export function printPlainly(): void {
  for (const way of ["log", "error"] as const) {
    const print = console[way].bind(console);
    console[way] = (...words: readonly unknown[]) => {
      print(...words.map((word) => (typeof word === "string" ? plainText(word) : word)));
    };
  }
}
