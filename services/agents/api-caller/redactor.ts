import type { HttpAnswer } from '#platform/http/http-client.ts'
import { encodedPattern, plainSpellings } from './secret-spellings.ts'

/** Takes the secrets of one call out of whatever leaves the agent: services do echo what they were sent. */
export interface Redactor {
  text(text: string): string
  /** The answer without secrets in its URL, headers and body, and without its cookies, which are secrets themselves. */
  answer(answer: HttpAnswer): HttpAnswer
}

const REDACTED = '[redacted]'

/**
 * Knows the spellings of each secret that `secret-spellings.ts` lists; of each the cost is linear in what is read. What a service does
 * with a secret beyond that, such as encrypting or splitting it, can't be seen. Pure.
 */
export function createRedactor(secrets: readonly string[]): Redactor {
  const unique = [...new Set(secrets)].sort((a, b) => b.length - a.length)
  const spellings = [...new Set(unique.flatMap(plainSpellings))].sort((a, b) => b.length - a.length)
  const patterns = unique.map(encodedPattern)
  // Bytes as characters of the same number: what is UTF-8 in there is found by its bytes.
  const needles = spellings.map((spelling) => Buffer.from(spelling).toString('latin1'))
  const clean = (value: string, plain: readonly string[]) =>
    patterns.reduce(
      (rest, pattern) => rest.replace(pattern, REDACTED),
      plain.reduce(
        (rest, spelling) => (rest.includes(spelling) ? rest.replaceAll(spelling, REDACTED) : rest),
        value,
      ),
    )
  const bytes = (value: Uint8Array): Uint8Array => {
    const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1')
    const cleaned = clean(text, needles)
    return cleaned === text ? value : Buffer.from(cleaned, 'latin1')
  }
  const text = (value: string) =>
    unique.length === 0 ? value : Buffer.from(bytes(Buffer.from(value))).toString()
  return {
    text,
    answer: (answer) => ({
      ...answer,
      url: redactUrl(answer.url, text),
      headers: redactHeaders(answer.headers, text),
      body: unique.length === 0 ? answer.body : bytes(answer.body),
    }),
  }
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
