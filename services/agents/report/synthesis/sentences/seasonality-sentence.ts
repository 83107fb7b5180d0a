import type { Seasonality } from '#schemas/analysis.ts'
import { percentText, quantityText } from '../number-text.ts'
import { labelOf } from '../wording.ts'
import type { SeriesContext } from './trend-sentence.ts'

/** `A pattern of the month of the year runs through visits: Apr is highest (310 above the mean), Sep lowest (290 below).` */
export function plainSeasonality(
  season: Seasonality,
  { column, confidence }: SeriesContext,
): string | undefined {
  const ranked = [...season.profile].sort((a, b) => b.effect - a.effect)
  const [highest, lowest] = [ranked[0], ranked.at(-1)]
  if (!highest || !lowest || ranked.length < 2) return undefined
  const { label, unit } = labelOf(season.column, column)
  const size = (effect: number): string => quantityText(Math.abs(effect), unit, season.amplitude)
  const runs = confidence === 'weak' ? 'may run' : 'runs'
  const entity = season.entity === undefined ? '' : ` of ${season.entity}`
  return (
    `A pattern by ${season.cycle} ${runs} through ${label}${entity}: ${highest.phase} is highest (${size(highest.effect)} above the mean), ` +
    `${lowest.phase} lowest (${size(lowest.effect)} below); it explains ${percentText(season.strength)} of the variance that the trend leaves.`
  )
}
