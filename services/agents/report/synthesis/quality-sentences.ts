import type { Analysis } from '#schemas/analysis.ts'
import { isFileFault } from '#schemas/document.ts'
import type { Claim, DataQuality } from '#schemas/report.ts'
import { isSpotless, missingCounts } from './data-quality.ts'
import { tableLabel } from './labels.ts'
import { countText, numberText, percentText } from './number-text.ts'
import { listText } from './wording.ts'

/** A summary names so many of a sort and counts the others; the section on quality has them all. */
const MAX_NAMED = 3
const GRAVE_SHARE = 0.1
/** Notes that change what figures mean come first. */
const SERIOUS =
  /duplicat|cop(y|ies)|total|sentinel|-999|ambiguous|told apart|impossible|no rows|censor|bound|missing|not a number|gap|encoding|guess|torn/i

/** How far the data may be trusted, in sentences with numbers; only of spotless data that they are. */
export function qualityClaims(analysis: Analysis, quality: DataQuality): Claim[] {
  const { rejected, missing, insightIds, notes, losses = [] } = quality
  if (isSpotless(quality)) return [{ text: spotlessText(analysis), insightIds: [] }]
  const texts = [
    rejected.length > 0 && rejectedText(rejected, true),
    rejected.length > 0 && rejectedText(rejected, false),
    losses.length > 0 && `Left out: ${quoted(losses.map((each) => ({ ...each, text: each.loss })))}`,
    missing.length > 0 && missingText(missing),
    notes.length > 0 && `Noted on reading: ${quoted(notesBySeverity(notes))}`,
  ].filter((text) => typeof text === 'string')
  if (texts.length === 0) {
    const applies = `${countText(insightIds.length, 'note')} on quality ${insightIds.length === 1 ? 'applies' : 'apply'}`
    texts.push(`About the data: ${applies}.`)
  }
  return texts.map((text, position) => ({
    text,
    insightIds: position === texts.length - 1 ? insightIds : [],
  }))
}

function spotlessText(analysis: Analysis): string {
  if (analysis.documents.length === 0) return 'There is nothing to say about the data.'
  // Of a column whose cells nobody counted it is not known whether some are empty.
  const areCounted = analysis.columns.every((column) => missingCounts(column) !== undefined)
  return analysis.columns.length > 0 && areCounted
    ? 'Every source could be read in full, and no cell is empty.'
    : 'Every source could be read in full.'
}

/** What is wrong with files, and what went wrong on the way to them, are told apart. */
function rejectedText(rejected: DataQuality['rejected'], ofFile: boolean): string | false {
  const some = rejected.filter(({ code }) => isFileFault(code) === ofFile)
  if (some.length === 0) return false
  const names = listNames(some.map(({ document }) => document))
  const reason = some.length === 1 ? `: ${some[0]!.message.replace(/\.$/, '')}` : ''
  return ofFile
    ? `${countText(some.length, 'source')} could not be read (${names})${reason}.`
    : `${countText(some.length, 'source')} could not be fetched or worked on (${names})${reason}. Nothing is said against ${some.length === 1 ? 'the file' : 'the files'}: try again.`
}

function missingText(missing: DataQuality['missing']): string {
  const worst = missing
    .slice(0, MAX_NAMED)
    .map(
      ({ column, missing, rows, share }) =>
        `${column}, ${numberText(missing)} of ${numberText(rows)} (${percentText(share)})`,
    )
  const [only] = missing
  if (missing.length === 1)
    return `Cells are empty in one column: ${only!.column}, ${numberText(only!.missing)} of ${numberText(only!.rows)} (${percentText(only!.share)}).`
  const most = missing.length > MAX_NAMED ? 'most of all ' : ''
  return `Cells are empty in ${countText(missing.length, 'column')}: ${most}${worst.join('; ')}.`
}

function notesBySeverity(
  notes: DataQuality['notes'],
): { document: string; table?: string | undefined; text: string }[] {
  return notes
    .map((each) => ({ ...each, text: each.note }))
    .sort((a, b) => Number(SERIOUS.test(b.text)) - Number(SERIOUS.test(a.text)))
}

/** Sentences with their document in front, at most three, and how many more there are. */
function quoted(entries: readonly { document: string; table?: string | undefined; text: string }[]): string {
  const shown = entries.slice(0, MAX_NAMED).map(({ document, table, text }) => {
    const label = tableLabel({ document, table })
    return `${document}${label === undefined ? '' : ` (${label})`}: ${text.replace(/\.$/, '')}`
  })
  const beyond = entries.length - shown.length
  return `${shown.join('; ')}${beyond > 0 ? `; and ${numberText(beyond)} more, listed under data quality` : ''}.`
}

function listNames(names: readonly string[]): string {
  return `${listText(names.slice(0, MAX_NAMED))}${names.length > MAX_NAMED ? ' and others' : ''}`
}

const PART = /(\d[\d,]*) of (?:the |its |about )?(\d[\d,]*)/

/** Whether a loss is so large that it puts the findings in doubt: a tenth or more, or an end that is not known. */
export function isGraveLoss(loss: string): boolean {
  const parts = PART.exec(loss)
  const isRest = /\b(only|first)\b/i.test(loss)
  if (!parts) return isRest && /\b(rows|pages|records|lines|characters|MiB|MB|GB)\b/i.test(loss)
  const [part, whole] = [parts[1]!, parts[2]!].map((digits) => Number(digits.replaceAll(',', '')))
  const share = part! / whole!
  return (isRest ? 1 - share : share) >= GRAVE_SHARE
}
