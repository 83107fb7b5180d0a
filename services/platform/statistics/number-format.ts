/** By their options. There are as many as there are options in this product: some tens. */
const formats = new Map<string, Intl.NumberFormat>()

/** A formatter of numbers for English, kept once it is made: that takes a hundred times as long as it formats. */
export function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify(options)
  const kept = formats.get(key)
  if (kept) return kept
  const made = new Intl.NumberFormat('en', options)
  formats.set(key, made)
  return made
}
