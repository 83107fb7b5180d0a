import { type Document, isFileFault } from '#schemas/document.ts'
import type { ClaimCheck } from '../findings/claim-check.ts'
import { hammingDistance, type ImageFinding, type TextFinding } from '../findings/document-findings.ts'
import type { InsightDraft } from './insight-draft.ts'
import { countText, listText, numberText } from './number-text.ts'

/** See `imageContentSchema.sharpness`; a picture of little contrast is flat by content, not blurred. */
const BLURRED_BELOW = 60
const MIN_CONTRAST = 15
const DARK_BELOW = 40
const STILL_BITS = 3
const MAX_MATCHES = 3

/** Documents that could not be read, and files sent twice. */
export function sourceInsights(documents: readonly Document[]): InsightDraft[] {
  const rejected = documents.filter(({ kind }) => kind === 'rejected')
  // A fault on the way to a file is never blamed on the file.
  const isOfFile = ({ problem }: Document) => problem === undefined || isFileFault(problem.code)
  const copies = [...Map.groupBy(documents, ({ sha256 }) => sha256).entries()].filter(
    ([sha256, group]) => sha256 !== '' && group.length > 1,
  )
  const about = (group: readonly Document[], method: string) =>
    group.map(({ name }) => ({ document: name, method }))
  const unread = (some: readonly Document[], fault: string): InsightDraft[] =>
    some.length === 0
      ? []
      : [
          {
            kind: 'quality',
            statement: `${countText(some.length, 'document')} of ${documents.length} could not be ${fault} and ${some.length === 1 ? 'is' : 'are'} left out: ${listText(some.map(({ name }) => name))}.`,
            strength: 0.9,
            evidence: { rejected: some.length, documents: documents.length },
            provenance: about(some, 'ingest'),
          },
        ]
  return [
    ...unread(rejected.filter(isOfFile), 'read'),
    ...unread(
      rejected.filter((document) => !isOfFile(document)),
      'fetched or worked on, which a new try may mend,',
    ),
    ...copies.map(
      ([sha256, group]): InsightDraft => ({
        kind: 'quality',
        statement: `${listText(group.map(({ name }) => name))} are the same file, byte for byte.`,
        strength: 0.5,
        evidence: { copies: group.length, sha256 },
        provenance: about(group, 'SHA-256'),
      }),
    ),
  ]
}

/** Statements that the data contradict or confirm, and what each text is about. */
export function textInsights(texts: readonly TextFinding[], checks: readonly ClaimCheck[]): InsightDraft[] {
  const matches = checks.filter(({ verdict }) => verdict === 'matches').slice(0, MAX_MATCHES)
  const contradictions = checks.filter(({ verdict }) => verdict === 'contradicts')
  return [
    ...[...contradictions, ...matches].map(claimInsight),
    ...texts.flatMap(({ text }) => topicInsight(text)),
  ]
}

/** A text may mean other figures than those at hand: even the plainest contradiction is no certainty. */
const CONTRADICTION_STRENGTH = 0.6
const EXPLICIT_CONTRADICTION_STRENGTH = 0.75
const MATCH_STRENGTH = 0.4

function claimInsight(check: ClaimCheck): InsightDraft {
  const { document, sentence, column, measure, stated, computed, verdict } = check
  const shown = (value: number | string) => (typeof value === 'number' ? numberText(value) : value)
  const subject = measure === 'direction' ? column.column : `the ${measure} of ${column.column}`
  const quote = sentence.length > 160 ? `${sentence.slice(0, 159)}…` : sentence
  const differs = `${document} says "${quote}", while in ${column.table} ${subject} is ${shown(computed)}.`
  const disagreement = check.isExplicit ? EXPLICIT_CONTRADICTION_STRENGTH : CONTRADICTION_STRENGTH
  return {
    kind: 'text',
    statement:
      verdict === 'contradicts'
        ? differs
        : `${document} says "${quote}", and ${column.table} agrees: ${subject} is ${shown(computed)}.`,
    strength: verdict === 'contradicts' ? disagreement : MATCH_STRENGTH,
    evidence: { stated, computed, measure, verdict },
    provenance: [
      { document, method: 'statement in the text' },
      { document: column.document, table: column.table, column: column.column, method: measure },
    ],
  }
}

function topicInsight({ document, words, keyPhrases }: TextFinding['text']): InsightDraft[] {
  if (keyPhrases.length === 0) return []
  return [
    {
      kind: 'text',
      statement: `${document} (${countText(words, 'word')}) is mostly about ${listText(keyPhrases.slice(0, 3))}.`,
      strength: 0.2,
      evidence: { words },
      provenance: [{ document, method: 'key phrases' }],
    },
  ]
}

/** Pictures that are nearly the same, blurred or dark; videos whose picture stands still. */
export function imageInsights(images: readonly ImageFinding[]): InsightDraft[] {
  const still = images.filter(({ image }) => image.atSec === undefined)
  const twins = images.filter(({ image }) => image.nearDuplicateOf !== undefined)
  const blurred = still.filter(
    ({ image, contrast }) => image.sharpness < BLURRED_BELOW && contrast >= MIN_CONTRAST,
  )
  const dark = still.filter(({ image }) => image.brightness < DARK_BELOW)
  return [
    ...twinInsights(twins),
    ...pictureInsight(blurred, {
      word: 'blurred',
      strength: 0.35,
      of: still.length,
      method: 'variance of the Laplacian',
    }),
    ...pictureInsight(dark, { word: 'very dark', strength: 0.3, of: still.length, method: 'mean luma' }),
    ...stillVideoInsights(images),
  ]
}

function twinInsights(twins: readonly ImageFinding[]): InsightDraft[] {
  const pairs = Map.groupBy(twins, ({ image }) => JSON.stringify([image.nearDuplicateOf, image.document]))
  return [...pairs.values()].map(([first]) => {
    const { document, nearDuplicateOf: original = '' } = first!.image
    return {
      kind: 'image',
      statement: `${document} shows nearly the same picture as ${original}.`,
      strength: 0.5,
      evidence: { original },
      provenance: [document, original].map((name) => ({ document: name, method: 'difference hash' })),
    }
  })
}

function pictureInsight(
  found: readonly ImageFinding[],
  { word, strength, of, method }: { word: string; strength: number; of: number; method: string },
): InsightDraft[] {
  if (found.length === 0) return []
  const names = found.map(({ image }) => image.document)
  const statement =
    of === 1
      ? `${names[0]} is ${word}.`
      : `${names.length} of ${of} pictures ${names.length === 1 ? 'is' : 'are'} ${word}: ${listText(names)}.`
  const measured = Object.fromEntries(
    found
      .slice(0, 10)
      .map(({ image }) => [image.document, word === 'blurred' ? image.sharpness : image.brightness]),
  )
  return [
    {
      kind: 'image',
      statement,
      strength,
      evidence: measured,
      provenance: names.map((document) => ({ document, method })),
    },
  ]
}

function stillVideoInsights(images: readonly ImageFinding[]): InsightDraft[] {
  const frames = Map.groupBy(
    images.filter(({ image }) => image.atSec !== undefined),
    ({ image }) => image.document,
  )
  return [...frames].flatMap(([document, [first, ...rest]]) => {
    const distances = rest.map(({ hash }) => hammingDistance(hash, first!.hash))
    if (distances.length < 2 || Math.max(...distances) > STILL_BITS) return []
    return [
      {
        kind: 'video' as const,
        statement: `The picture of ${document} hardly changes over its ${rest.length + 1} key frames.`,
        strength: 0.3,
        evidence: { keyFrames: rest.length + 1, largestDistanceBits: Math.max(...distances) },
        provenance: [{ document, method: 'difference hash' }],
      },
    ]
  })
}
