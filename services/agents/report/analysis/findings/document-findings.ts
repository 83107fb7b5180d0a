import type { Analysis } from '#schemas/analysis.ts'
import type { Document, ImageContent } from '#schemas/document.ts'
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
  /** Of each sentence what stands above it: the heading, and a line that ends in a colon before a list; empty for none. */
  contexts: string[]
  stated: StatedFigure[]
}

/** What a text holds, and the sentences of it that state figures; null for documents without text. */
export function textFinding({ name, text }: Document): TextFinding | null {
  if (!text) return null
  const { sentences, contexts } = sentencesOf(text.content)
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
    contexts,
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

const SENTENCES = new Intl.Segmenter('en', { granularity: 'sentence' })
const HEADING = /^#{1,6}\s/
const LIST_ITEM = /^(?:[-*+>]|\d{1,3}[.)])\s/

/** Paragraphs, headings and list items end a sentence, whatever stands at their end. */
function sentencesOf(content: string): Pick<TextFinding, 'sentences' | 'contexts'> {
  const [sentences, contexts]: [string[], string[]] = [[], []]
  let [heading, lead] = ['', '']
  for (const block of content.slice(0, MAX_CHARACTERS).split(/\n{2,}|\n(?=[#*\-|])/)) {
    // A line with a colon speaks for the list below it, and for nothing after that.
    if (!LIST_ITEM.test(block)) lead = ''
    for (const { segment } of SENTENCES.segment(block)) {
      const marked = segment.replace(/\s+/g, ' ').trim()
      const sentence = marked.replace(MARKUP_IN_FRONT, '')
      if (sentence === '') continue
      sentences.push(sentence)
      contexts.push([heading, lead].filter((each) => each !== '').join(' '))
      if (HEADING.test(marked)) heading = sentence
      if (sentence.endsWith(':')) lead = sentence
      if (sentences.length >= MAX_SENTENCES) return { sentences, contexts }
    }
  }
  return { sentences, contexts }
}

/** Bits of 64 that may differ: near duplicates of re-encoded or scaled pictures differ in fewer. */
const NEAR_DUPLICATE_BITS = 6
/** Flat pictures hash alike whatever they show. */
const MIN_CONTRAST = 8
/** Pairs grow with the square; later pictures are listed but not compared. */
const MAX_COMPARED = 2_000

export interface ImageFinding {
  image: Analysis['images'][number]
  contrast: number
  hash: bigint
}

/** Pictures and key frames of videos, each with the earliest picture of another document that it nearly equals. */
export function imageFindings(documents: readonly Document[]): ImageFinding[] {
  const all = documents.flatMap(({ name, image, video }) => [
    ...(image ? [imageFinding(name, image)] : []),
    ...(video?.keyFrames ?? []).map(({ atSec, image: frame }) => imageFinding(name, frame, atSec)),
  ])
  return all.map((finding, i) => {
    if (i >= MAX_COMPARED || finding.contrast < MIN_CONTRAST) return finding
    const twin = all.slice(0, i).find((earlier) => isNearDuplicate(earlier, finding))
    return twin ? { ...finding, image: { ...finding.image, nearDuplicateOf: twin.image.document } } : finding
  })
}

/** Bits in which two 64-bit hashes differ. */
export function hammingDistance(a: bigint, b: bigint): number {
  let difference = BigInt.asUintN(64, a ^ b)
  let bits = 0
  for (; difference !== 0n; difference &= difference - 1n) bits++
  return bits
}

function imageFinding(document: string, content: ImageContent, atSec?: number): ImageFinding {
  const { widthPx, heightPx, sharpness, brightness, palette, thumbnail } = content
  return {
    image: {
      document,
      ...(atSec !== undefined && { atSec }),
      widthPx,
      heightPx,
      sharpness,
      brightness,
      palette,
      thumbnail,
    },
    contrast: content.contrast,
    hash: /^[0-9a-f]{1,16}$/i.test(content.perceptualHash) ? BigInt(`0x${content.perceptualHash}`) : 0n,
  }
}

/** Frames of one video resemble each other; that is no news. A hash of 0 stands for none. */
function isNearDuplicate(a: ImageFinding, b: ImageFinding): boolean {
  if (a.image.document === b.image.document || a.hash === 0n || b.hash === 0n) return false
  return a.contrast >= MIN_CONTRAST && hammingDistance(a.hash, b.hash) <= NEAR_DUPLICATE_BITS
}
