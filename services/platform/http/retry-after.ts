/** `Sun, 06 Nov 1994 08:49:37 GMT`, or the form with dashes of RFC 850. asctime dates are no longer sent by anyone. */
const HTTP_DATE = /^[A-Z][a-z]{2,8}, \d{2}[ -][A-Z][a-z]{2}[ -]\d{2,4} \d{2}:\d{2}:\d{2} GMT$/
const MAX_MS = 86_400_000

/**
 * How long the header `Retry-After` asks to wait: seconds, or a date, which is measured against the answer's own `Date`
 * so that a wrong clock on either side does not matter. At most a day; undefined where it says nothing usable. Pure.
 */
export function parseRetryAfter(
  headers: { readonly 'retry-after'?: string; readonly date?: string },
  nowMs: number,
): number | undefined {
  const text = headers['retry-after']?.trim()
  if (!text) return undefined
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, MAX_MS)
  const thenMs = parseHttpDate(text)
  if (thenMs === undefined) return undefined
  const sinceMs = (headers.date && parseHttpDate(headers.date)) || nowMs
  return Math.min(Math.max(0, thenMs - sinceMs), MAX_MS)
}

function parseHttpDate(text: string): number | undefined {
  if (!HTTP_DATE.test(text)) return undefined
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? undefined : ms
}
