import { numberFormat } from '#platform/statistics/number-format.ts'

/** Numbers as sentences show them: English, at most four significant digits below a million. */
export function numberText(value: number): string {
  const magnitude = Math.abs(value)
  if (magnitude !== 0 && (magnitude >= 1e15 || magnitude < 1e-4)) return value.toExponential(2)
  const options = magnitude >= 1000 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 4 }
  return numberFormat(options).format(value)
}

/** 0.123 as `12 %`; one decimal below 10 %. */
export function percentText(share: number): string {
  const percent = share * 100
  const digits = Math.abs(percent) < 10 ? 1 : 0
  return `${numberFormat({ maximumFractionDigits: digits }).format(percent)} %`
}

export function pValueText(pValue: number): string {
  return pValue < 0.001 ? 'p < 0.001' : `p = ${pValue.toFixed(3)}`
}

/** `a`, `a and b`, `a, b and c`, `a, b, c and 4 more`. */
export function listText(items: readonly string[], max = 4): string {
  const shown = items.slice(0, max)
  const hidden = items.length - shown.length
  const all = hidden > 0 ? [...shown, `${hidden} more`] : shown
  return all.length < 2 ? (all[0] ?? '') : `${all.slice(0, -1).join(', ')} and ${all[all.length - 1]}`
}

/** `1 row`, `3 rows`. */
export function countText(count: number, noun: string, plural = `${noun}s`): string {
  return `${numberText(count)} ${count === 1 ? noun : plural}`
}
