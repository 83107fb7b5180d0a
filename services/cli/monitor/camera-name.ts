import { createHash } from 'node:crypto'
import { mapCredentials, parseSourceAddress } from '#schemas/video-address.ts'

const MAX_NAME_LENGTH = 64
const HASH_LENGTH = 6
/** Says who asks, whatever it stands for: nothing of it gets into a name, not even into the hash of one. */
const CREDENTIALS =
  /user|usr|login|acc(ount)?|pass|pwd|^pw$|^psw|token|auth|key|secret|sig|sess|^sid$|nonce|hash|jwt|code|cred|^[up]$/i
/** Says which of several pictures of a device it is: readable in a name. */
const CHANNELS =
  /^(ch|chn|channel|channelid|stream|subtype|profile|cam|camera|id|no|input|view|source|track|res|resolution|media|type)$/i
const USUAL_PORTS: Readonly<Record<string, string>> = {
  'rtsp:': '554',
  'rtsps:': '322',
  'http:': '80',
  'https:': '443',
}

/** One subject token. Pure. */
export function tokenOf(text: string): string {
  return text
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .slice(0, MAX_NAME_LENGTH)
    .replace(/^-+|-+$/g, '')
}

/**
 * The name of a camera from all of its address but who asks there: host, port, path and query, as two channels of one recorder may
 * differ in any of them. What does not fit, or is not to be read, is told apart by six digits of a hash. Pure.
 */
export function cameraNameOfAddress(address: string): string {
  const parsed = parseSourceAddress(address)
  const url = URL.parse(mapCredentials('url' in parsed ? parsed.url : address, () => ''))
  if (!url) return ''
  const { protocol, hostname, port, pathname, searchParams, hash } = url
  const asked = [...searchParams].filter(([name]) => !CREDENTIALS.test(name))
  const shown = asked.filter(([name, value]) => CHANNELS.test(name) && value.length <= 32)
  const hidden = asked.filter((pair) => !shown.includes(pair))
  const place = port === '' || port === USUAL_PORTS[protocol] ? hostname : `${hostname}-${port}`
  const words = [place, decoded(pathname), ...shown.flat(), decoded(hash.slice(1))]
  const label = words
    .join('/')
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^-+|-+$/g, '')
  if (hidden.length === 0 && label.length <= MAX_NAME_LENGTH) return label
  const whole = JSON.stringify([protocol, place, pathname, asked, hash])
  const digest = createHash('sha256').update(whole).digest('hex').slice(0, HASH_LENGTH)
  return `${tokenOf(label.slice(0, MAX_NAME_LENGTH - HASH_LENGTH - 1))}-${digest}`
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
