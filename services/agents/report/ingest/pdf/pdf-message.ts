/** What the two threads of the PDF reader say to each other. */

export interface PdfText {
  /** Pages separated by empty lines. */
  text: string
  /** All of them, read or not. */
  pages: number
  title?: string
  /** Of the outline, in its order. */
  headings: { level: number; text: string }[]
  /** What was cut or left out. */
  notes: string[]
}

/** The answer of the worker: the text, or why there is none, in plain words. */
export type PdfAnswer = { kind: 'read'; pdf: PdfText } | { kind: 'broken'; reason: string }
