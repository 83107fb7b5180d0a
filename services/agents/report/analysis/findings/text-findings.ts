import type { Analysis } from '#schemas/analysis.ts'
import type { Document } from '#schemas/document.ts'
import { type Figure, figuresOf } from './figures.ts'

const MAX_FIGURES = 100
const MAX_SENTENCES = 5_000
/** Longer contents are searched up to here, in UTF-16 units: segmenting costs about a second per 10 million. */
const MAX_CHARACTERS = 1_000_000

export interface StatedFigure extends Figure {
  sentence: string
  /** Figures in the same sentence, this one included. */
  together: number
}

export interface TextFinding {
  text: Analysis['texts'][number]
  /** The first 5,000 sentences. */
  sentences: string[]
  stated: StatedFigure[]
}

/** What a text holds, and the sentences of it that state figures; null for documents without text. */
export function textFinding({ name, text }: Document): TextFinding | null {
  if (!text) return null
  const sentences = sentencesOf(text.content)
  const stated = statedFigures(sentences)
  return {
    text: {
      document: name,
      ...(text.title !== undefined && { title: text.title }),
      words: text.counts.words,
      keyPhrases: text.keyPhrases.map(({ phrase }) => phrase),
      keySentences: text.keySentences,
      figures: stated.map(({ sentence, value, unit }) => ({ sentence, value, ...(unit && { unit }) })),
    },
    sentences,
    stated,
  }
}

function statedFigures(sentences: readonly string[]): StatedFigure[] {
  return sentences
    .flatMap((sentence) => {
      const figures = figuresOf(sentence)
      return figures.map((figure) => ({ ...figure, sentence, together: figures.length }))
    })
    .slice(0, MAX_FIGURES)
}

/** What marks a list item, a heading or a quotation is not part of what it says. */
const MARKUP_IN_FRONT = /^(?:(?:[-*+>]|#{1,6}|\d{1,3}[.)])\s+)+/

/** Paragraphs, headings and list items end a sentence, whatever stands at their end. */
function sentencesOf(content: string): string[] {
  const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' })
  const found: string[] = []
  for (const block of content.slice(0, MAX_CHARACTERS).split(/\n{2,}|\n(?=[#*\-|])/)) {
    for (const { segment } of segmenter.segment(block)) {
      const sentence = segment.replace(/\s+/g, ' ').trim().replace(MARKUP_IN_FRONT, '')
      if (sentence !== '') found.push(sentence)
      if (found.length >= MAX_SENTENCES) return found
    }
  }
  return found
}
