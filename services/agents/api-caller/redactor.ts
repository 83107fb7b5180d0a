import type { HttpAnswer } from '#platform/http/http-client.ts'

/** Takes the secrets of one call out of whatever leaves the agent: services do echo what they were sent. */
export interface Redactor {
  text(text: string): string
  /** The answer without secrets in its URL, headers and body, and without its cookies, which are secrets themselves. */
  answer(answer: HttpAnswer): HttpAnswer
}

const REDACTED = '[redacted]'

/** Knows each secret as it is, inside JSON, inside a URL and in base64. Pure. */
export function createRedactor(secrets: readonly string[]): Redactor {
  const spellings = [...new Set(secrets.flatMap(spellingsOf))].sort((a, b) => b.length - a.length)
  const needles = spellings.map((spelling) => Buffer.from(spelling))
  const text = (value: string) =>
    spellings.reduce((rest, spelling) => rest.replaceAll(spelling, REDACTED), value)
  return {
    text,
    answer: (answer) => ({
      ...answer,
      url: redactUrl(answer.url, text),
      headers: redactHeaders(answer.headers, text),
      body: needles.reduce<Uint8Array>(withoutNeedle, answer.body),
    }),
  }
}

function spellingsOf(secret: string): string[] {
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64'),
  ]
}

/** A secret in the place of the host leaves no URL behind. */
function redactUrl(url: URL, text: (value: string) => string): URL {
  const redacted = text(url.href)
  return redacted === url.href ? url : (URL.parse(redacted) ?? new URL('https://redacted.invalid'))
}

function redactHeaders(
  headers: HttpAnswer['headers'],
  text: (value: string) => string,
): HttpAnswer['headers'] {
  const kept = Object.entries(headers).filter(([name]) => !/^set-cookie2?$/.test(name))
  return Object.fromEntries(kept.map(([name, value]) => [name, text(value)]))
}

function withoutNeedle(bytes: Uint8Array, needle: Buffer): Uint8Array {
  const haystack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const parts: Uint8Array[] = []
  let from = 0
  for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, from)) {
    parts.push(haystack.subarray(from, at), Buffer.from(REDACTED))
    from = at + needle.length
  }
  return parts.length === 0 ? bytes : Buffer.concat([...parts, haystack.subarray(from)])
}
