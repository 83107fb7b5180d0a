import type { TextContent } from '#schemas/document.ts'
import { INGEST_LIMITS } from '../limits.ts'
import { keyPhrases } from './key-phrases.ts'
import { keySentences } from './key-sentences.ts'
import { dropFrontMatter, headingsOf, proseBlocks } from './markdown.ts'
import { textCounts } from './text-counts.ts'

/**
 * What a text holds: headings, counts, phrases and sentences that stand for it. Works for any language; time is bounded.
 * Pure.
 *
 * @param text decoded, NFC, line ends as \n
 */
export function buildTextContent(
  text: string,
  { markdown }: { markdown: boolean },
): { content: TextContent; notes: string[]; losses: string[] } {
  const notes: string[] = []
  const losses: string[] = []
  const { body, title: frontMatterTitle } = markdown
    ? dropFrontMatter(text)
    : { body: text, title: undefined }
  const cut = body.slice(0, INGEST_LIMITS.textCharacters).toWellFormed()
  if (body.length > cut.length)
    losses.push(`The text was cut after ${cut.length} of ${body.length} characters.`)
  const { counts, estimated } = textCounts(cut)
  if (estimated) notes.push('The text is long, so words and sentences are estimated from its beginning.')
  const headings = markdown ? headingsOf(cut) : []
  const title = frontMatterTitle ?? headings.find(({ level }) => level === 1)?.text ?? headings[0]?.text
  const blocks = proseBlocks(cut.slice(0, INGEST_LIMITS.segmentedCharacters), { markdown })
  const content: TextContent = {
    content: cut,
    ...(title !== undefined && { title }),
    headings,
    counts,
    keyPhrases: keyPhrases(blocks),
    keySentences: keySentences(blocks),
  }
  return { content, notes, losses }
}
