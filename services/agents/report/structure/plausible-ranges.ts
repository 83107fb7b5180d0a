import { tokensWithoutUnit } from './name-tokens.ts'

/** What a value can be at all, by what it measures. */
export interface PlausibleRange {
  min: number
  max: number
}

const RANGES: readonly (readonly [RegExp, PlausibleRange])[] = [
  [/^(lat|latitude)$/, { min: -90, max: 90 }],
  [/^(lon|lng|longitude)$/, { min: -180, max: 360 }],
  [/^(humidity|feuchte|luftfeuchte)$/, { min: 0, max: 100 }],
  [/^(spo2|sao2|oxygensaturation|o2sat|saturation)$/, { min: 0, max: 100 }],
  [/^(ph)$/, { min: 0, max: 14 }],
  [/^(probability|prob|pvalue)$/, { min: 0, max: 1 }],
  [/^(age|alter)$/, { min: 0, max: 125 }],
  [/^(onhand|stock|inventory|bestand|lagerbestand)$/, { min: 0, max: Number.POSITIVE_INFINITY }],
  [
    /^(height|weight|distance|duration|length|width|area|population|headcount)$/,
    { min: 0, max: Number.POSITIVE_INFINITY },
  ],
]

/** The range that a column's values must lie in, when its name is that of one thing only; undefined for others. Pure. */
export function plausibleRange(name: string): PlausibleRange | undefined {
  // `spo2_pct` and `age_years` say their unit last.
  const tokens = tokensWithoutUnit(name)
  const joined = tokens.join('')
  // `weight change` and `age difference` may be anything.
  if (
    tokens.length > 2 ||
    tokens.some((token) =>
      /^(change|diff|difference|delta|zscore|z|log|scaled|std|norm|normalized|growth)$/.test(token),
    )
  ) {
    return undefined
  }
  return RANGES.find(([word]) => word.test(joined) || word.test(tokens.at(-1) ?? ''))?.[1]
}
