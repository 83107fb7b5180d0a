import { z } from 'zod'
import { parseSealKeys } from '../secrets/sealed-text.ts'
import { parseRedisUrl, REDIS_URL_FORMS } from './redis-url.ts'

/** A whole number written in decimal. */
export function wholeNumber(range: { min: number; max: number }) {
  const error = `must be a whole number from ${range.min} to ${range.max}`
  return z
    .string()
    .regex(/^-?\d{1,15}$/, { error, abort: true })
    .transform(Number)
    .refine((value) => value >= range.min && value <= range.max, { error })
}

/** A decimal number. */
export function decimalNumber(range: { min: number; max: number }) {
  const error = `must be a number from ${range.min} to ${range.max}`
  return z
    .string()
    .regex(/^-?\d{1,15}(\.\d{1,15})?$/, { error, abort: true })
    .transform(Number)
    .refine((value) => value >= range.min && value <= range.max, { error })
}

/** `true`, `1`, `yes`, `on` and their opposites. */
export function flag() {
  return z
    .string()
    .regex(/^(true|false|1|0|yes|no|on|off)$/i, { error: 'must be true or false' })
    .transform((text) => /^(true|1|yes|on)$/i.test(text))
}

/** One of a few words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, { error: `must be one of ${words.join(', ')}` })
}

/** One URL with one of the given protocols, kept as written. */
export function url(protocols: readonly string[]) {
  return z.string().refine((text) => hasProtocol(text, protocols), { error: urlError(protocols) })
}

/** One URL or several behind each other, separated by commas, kept as written. */
export function urls(protocols: readonly string[]) {
  return z.string().refine((text) => text.split(',').every((part) => hasProtocol(part.trim(), protocols)), {
    error: `${urlError(protocols)}, or several separated by commas`,
  })
}

/** Where Redis is, kept as written. */
export function redisUrl() {
  return z.string().refine((text) => parseRedisUrl(text) !== undefined, { error: REDIS_URL_FORMS })
}

/** Keys that processes share, `ID:BASE64` of 32 bytes each, separated by commas. */
export function sealKeys() {
  return z
    .string()
    .transform(parseSealKeys)
    .refine((keys) => keys !== undefined, { error: 'must be ID:BASE64 entries with 32 bytes each' })
}

function hasProtocol(text: string, protocols: readonly string[]): boolean {
  // URL.parse came with Node 22; agents of a project of their own may run on 20.
  if (!URL.canParse(text)) return false
  const { host, protocol } = new URL(text)
  return host !== '' && protocols.includes(protocol.slice(0, -1))
}

function urlError(protocols: readonly string[]): string {
  return `must be a URL that starts with ${protocols.map((protocol) => `${protocol}://`).join(' or ')}`
}
