// Columns of text that line up, in characters as a terminal counts most of them.

/** The widest of the texts; one far too long stands out alone instead of moving all others. */
export function columnWidth(texts: readonly string[], most: number): number {
  return texts.reduce((width, text) => {
    const length = [...text].length;
    return length <= most ? Math.max(width, length) : width;
  }, 0);
}

export function padding(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - [...text].length));
}
