/** What the two threads of the PDF reader say to each other. */

export const MAX_PDF_PAGES = 500
export const MAX_PDF_CHARACTERS = 2_000_000
export const MAX_PDF_HEADINGS = 500

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
