const codes = { bold: 1, dim: 2, red: 31, green: 32, cyan: 36 } as const;

/** A text in a colour or style, or as it is. */
export type Paint = (style: keyof typeof codes, text: string) => string;

export const plain: Paint = (_style, text) => text;

export const coloured: Paint = (style, text) => `\u001b[${codes[style]}m${text}\u001b[0m`;
