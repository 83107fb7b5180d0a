import type { Analysis, ColumnFinding } from '#schemas/analysis.ts'
import { isFileFault } from '#schemas/document.ts'
import type { DataQuality, Finding } from '#schemas/report.ts'
import { numberText, quantityText } from './number-text.ts'
import { scopeOf, testedText } from './scope.ts'
import { capital, labelOf, listText, rangeOf } from './wording.ts'

const MAX_NAMED = 3
const MAX_DESCRIBED = 3
/** With fewer values the values themselves say more than their quarters. */
const MIN_DESCRIBED = 8
/** With fewer rows no test can say that anything is beyond chance, nor that nothing is. */
const MIN_TESTED = 4

/** What nothing was found in. */
export interface NothingFound {
  analysis: Analysis
  findings: readonly Finding[]
  quality: DataQuality
}

/**
 * What to say where nothing was found: never more than was looked at, and never over what could not be read.
 *
 * @param besideLosses the sentences on quality stand beside it: what was not read is left to them
 */
export function nothingFoundText(input: NothingFound, { besideLosses = false } = {}): string {
  const { analysis, quality } = input
  const readable = analysis.documents.filter(({ problem }) => !problem)
  if (analysis.documents.length === 0) return 'There was nothing to read.'
  if (readable.length === 0) return nothingReadable(analysis)
  const scope = scopeOf(analysis)
  const names = listText(readable.slice(0, MAX_NAMED).map(({ name }) => name))
  const lost = quality.losses?.[0]
  if (scope.isRowless) {
    return `There is nothing to analyse: ${names} ${readable.length === 1 ? 'holds' : 'hold'} a table without rows.`
  }
  if (scope.columns === 0) {
    if (lost && !besideLosses) return `${lost.document} could not be read whole: ${lost.loss}`
    const isWordless = analysis.texts.length > 0 && analysis.texts.every(({ words }) => words === 0)
    return isWordless ? `${names}: no text could be read.` : `${names}: there are no figures to test.`
  }
  if (scope.rows < MIN_TESTED) {
    const rows = `${names} ${readable.length === 1 ? 'has' : 'have'} ${scope.rows === 1 ? 'one row' : `${scope.rows} rows`} only`
    return `${rows}: too few to find anything in.`
  }
  return testedSentence(input, {
    tested: testedText(scope),
    unread: analysis.documents.length - readable.length,
    besideLosses,
  })
}

function testedSentence(
  { analysis, findings, quality }: NothingFound,
  { tested, unread, besideLosses }: { tested: string; unread: number; besideLosses: boolean },
): string {
  const tests =
    analysis.tests === undefined
      ? ''
      : ` (${analysis.tests.toLocaleString('en')} ${analysis.tests === 1 ? 'test' : 'tests'})`
  // Weak findings are listed, and may be chance: then "nothing" would be too much.
  const isHinted = findings.some(({ qValue, strength }) => qValue !== undefined && strength > 0)
  const result = isHinted
    ? 'nothing that is surely beyond chance was found'
    : 'nothing beyond chance was found'
  const sentence = `${tested} were tested${tests}; ${result}.`
  const lost = quality.losses?.[0]
  if (besideLosses && (lost || unread > 0)) return `In what could be read, ${sentence}`
  if (lost) return `In what could be read, ${sentence} Not all was read: ${lost.document}: ${lost.loss}`
  return unread > 0
    ? `In what could be read, ${sentence} ${unread} of ${analysis.documents.length} sources could not be read.`
    : sentence
}

function nothingReadable({ documents }: Analysis): string {
  const isFetching = documents.every(({ problem }) => problem && !isFileFault(problem.code))
  const verb = isFetching ? 'fetched; try again' : 'read'
  return documents.length === 1
    ? `The only source could not be ${verb}.`
    : `None of the ${documents.length} sources could be ${verb}.`
}

/** Where nothing stands out, what the first measures are like: `Price: the median is 34 EUR, the middle half 22 to 52 EUR, all from 8 to 174 EUR.` */
export function describedMeasures({ columns }: Pick<Analysis, 'columns'>): string[] {
  return columns.filter(isDescribable).slice(0, MAX_DESCRIBED).map(described)
}

type Measure = ColumnFinding & { numeric: NonNullable<ColumnFinding['numeric']> }

function isDescribable(column: ColumnFinding): column is Measure {
  const { numeric, kind, role } = column
  const isMeasure = role === undefined ? kind === 'number' : role === 'measure'
  return isMeasure && numeric !== undefined && numeric.count >= MIN_DESCRIBED && numeric.min < numeric.max
}

function described(column: Measure): string {
  const { median, q1, q3, min, max } = column.numeric
  const { label, unit } = labelOf(column.column, column)
  const range = rangeOf(column)
  const span = (low: number, high: number): string =>
    `${numberText(low, range)} to ${quantityText(high, unit, range)}`
  if (q1 === q3)
    return `${capital(label)}: at least half of the values are ${quantityText(median, unit, range)}, all from ${span(min, max)}.`
  return `${capital(label)}: the median is ${quantityText(median, unit, range)}, the middle half ${span(q1, q3)}, all from ${span(min, max)}.`
}
