import type { Seasonality } from '#schemas/analysis.ts'
import { numberText, percentText, quantityText } from '../number-text.ts'
import { labelOf } from '../wording.ts'
import type { SeriesContext } from './trend-sentence.ts'

/**
 * `A pattern by month of the year runs through visits: Apr is highest (310 above the mean), Sep lowest (290 below it).` Of another
 * cycle: `The course of sunspots repeats about every 11 years.`
 */
export function plainSeasonality(season: Seasonality, context: SeriesContext): string | undefined {
  const { profile, length } = season
  const ranked = [...profile].sort((a, b) => b.effect - a.effect)
  const [highest, lowest] = [ranked[0], ranked.at(-1)]
  if (!highest || !lowest || ranked.length < 2) return undefined
  const { label } = labelOf(season.column, context.column)
  const entity = season.entity === undefined ? '' : ` of ${season.entity}`
  const explains = `it explains ${percentText(season.strength)} of the variance that the trend leaves`
  const high = effectText(highest.effect, season, context)
  const low = lowText(effectText(lowest.effect, season, context), high)
  if (length) {
    const repeats = context.confidence === 'weak' ? 'may repeat' : 'repeats'
    const every = length.value === 1 ? length.unit : `${length.value} ${length.unit}s`
    return (
      `The course of ${label}${entity} ${repeats} about every ${every}, on average ${high} at its highest ` +
      `and ${low} at its lowest; ${explains}.`
    )
  }
  const runs = context.confidence === 'weak' ? 'may run' : 'runs'
  return (
    `A pattern by ${season.cycle} ${runs} through ${label}${entity}: ${highest.phase} is highest (${high}), ` +
    `${lowest.phase} lowest (${low}); ${explains}.`
  )
}

/** Beyond twice the mean a percentage above it is hard to see. */
const MAX_ABOVE = 1

/** `310 above the mean`; where the pattern grows with the level, `24 % above the mean` or `4.2 times the mean`. */
function effectText(effect: number, season: Seasonality, { column }: SeriesContext): string {
  const where = effect < 0 ? 'below the mean' : 'above the mean'
  if (!season.relative) {
    const { unit } = labelOf(season.column, column)
    return `${amountText(Math.abs(effect), unit, season.amplitude)} ${where}`
  }
  if (effect > MAX_ABOVE) return `${Number((1 + effect).toPrecision(2))} times the mean`
  return `${percentText(Math.abs(effect))} ${where}`
}

/** Of per cents 9 % more would be another thing. */
function amountText(amount: number, unit: string | undefined, range: number): string {
  return unit === '%' ? `${numberText(amount, range)} percentage points` : quantityText(amount, unit, range)
}

/** The mean that was named before is `it`. */
function lowText(low: string, high: string): string {
  return high.endsWith('the mean') ? low.replace(/below the mean$/, 'below it') : low
}

/** From the lowest to the highest phase, for people. */
export function amplitudeText(season: Seasonality, unit?: string): string {
  return season.relative
    ? `${percentText(season.amplitude)} of the mean`
    : amountText(season.amplitude, unit, season.amplitude)
}
