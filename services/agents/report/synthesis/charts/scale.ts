export type Domain = readonly [number, number]

/** Maps a domain linearly to a range of pixels; a domain without extent goes to the middle. */
export function linearScale([d0, d1]: Domain, [r0, r1]: Domain): (value: number) => number {
  if (d1 === d0) return () => (r0 + r1) / 2
  // One decimal of a pixel is finer than any screen, and keeps the file small.
  return (value) => Math.round((r0 + ((value - d0) / (d1 - d0)) * (r1 - r0)) * 10) / 10
}

/** Round numbers (1, 2, 5 times a power of ten) inside a domain, about as many as wanted. */
export function niceTicks([low, high]: Domain, wanted: number): number[] {
  const step = niceStep((high - low) / Math.max(1, wanted))
  if (!(step > 0) || !Number.isFinite(step)) return [low]
  const first = Math.ceil(low / step - 1e-9)
  const last = Math.floor(high / step + 1e-9)
  return Array.from({ length: last - first + 1 }, (_, index) => rounded((first + index) * step))
}

/** The domain widened to round numbers at both ends. */
export function niceDomain([low, high]: Domain, wanted: number): Domain {
  if (low === high) {
    const margin = Math.abs(low) * 0.1 || 1
    return [low - margin, high + margin]
  }
  const step = niceStep((high - low) / Math.max(1, wanted))
  return [rounded(Math.floor(low / step) * step), rounded(Math.ceil(high / step) * step)]
}

/** Decimals that tell the ticks apart. */
export function tickDecimals(ticks: readonly number[]): number {
  const step = ticks.length > 1 ? Math.abs(ticks[1]! - ticks[0]!) : Math.abs(ticks[0] ?? 1)
  if (step === 0 || !Number.isFinite(step)) return 0
  return Math.min(10, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)))
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  const factor = [1, 2, 5, 10].find((each) => each * power >= rough * (1 - 1e-9)) ?? 10
  return factor * power
}

/** Takes away the tail that multiplying by a fraction leaves: 0.30000000000000004. */
function rounded(value: number): number {
  return Number(value.toPrecision(15))
}
