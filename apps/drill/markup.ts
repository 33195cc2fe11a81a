/** Words from outside in a page. */

/** Safe inside elements and quoted attributes. */
export function text(value: string): string {
  return value.replace(/[&<>"']/gu, (c) => `&#${String(c.charCodeAt(0))};`);
}
