import { createHash, randomBytes } from 'node:crypto'

/** Who asks. */
export interface UserCredentials {
  user: string
  password: string
}

/** Answers what a server asks its callers for: Basic (RFC 7617) and Digest (RFC 7616), in HTTP and in RTSP. */
export interface ChallengeAnswer {
  /**
   * Takes in what a 401 says, the values of its WWW-Authenticate.
   * @returns whether another attempt makes sense: false when these credentials have been refused, or nothing of it is understood
   */
  challenged(values: readonly string[]): boolean
  /** The value of Authorization; undefined before the first challenge. */
  authorize(method: string, uri: string): string | undefined
}

interface Challenge {
  scheme: string
  parameters: ReadonlyMap<string, string>
}

const HASHES: Readonly<Record<string, string>> = { MD5: 'md5', 'SHA-256': 'sha256' }
/** A server that asks with more has something else in mind. */
const MAX_CHALLENGE_CHARACTERS = 4096
const PARAMETER = /^([\w-]{1,64})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))\s*(?:,\s*|$)/

/** Digest is taken where it is offered: with Basic the password itself is sent. */
export function createChallengeAnswer(credentials: UserCredentials): ChallengeAnswer {
  let current: Challenge | undefined
  let count = 0

  function challenged(values: readonly string[]): boolean {
    const known = values.flatMap(parseChallenges)
    const digest = known.find(
      ({ scheme, parameters }) => scheme === 'digest' && hashOf(parameters) !== undefined,
    )
    const next = digest ?? known.find(({ scheme }) => scheme === 'basic')
    if (!next) return false
    const isRefused =
      current !== undefined &&
      current.scheme === next.scheme &&
      next.parameters.get('stale')?.toLowerCase() !== 'true' &&
      (next.scheme === 'basic' || current.parameters.get('realm') === next.parameters.get('realm')) &&
      count > 0
    current = next
    count = 0
    return !isRefused
  }

  function authorize(method: string, uri: string): string | undefined {
    if (!current) return undefined
    count++
    return current.scheme === 'basic'
      ? `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`
      : digestValue(current.parameters, { ...credentials, method, uri, count })
  }

  return { challenged, authorize }
}

function digestValue(
  parameters: ReadonlyMap<string, string>,
  about: UserCredentials & { method: string; uri: string; count: number },
): string {
  const { user, password, method, uri, count } = about
  const algorithm = parameters.get('algorithm')
  const name = hashOf(parameters)!
  const hash = (text: string) => createHash(name).update(text).digest('hex')
  const realm = parameters.get('realm') ?? ''
  const nonce = parameters.get('nonce') ?? ''
  const opaque = parameters.get('opaque')
  const hasQop = /(^|,)\s*auth\s*(,|$)/i.test(parameters.get('qop') ?? '')
  const cnonce = randomBytes(8).toString('hex')
  const nc = count.toString(16).padStart(8, '0')
  const isSession = /-sess$/i.test(algorithm ?? '')
  const plain = hash(`${user}:${realm}:${password}`)
  const first = isSession ? hash(`${plain}:${nonce}:${cnonce}`) : plain
  const second = hash(`${method}:${uri}`)
  const response = hash(
    hasQop ? `${first}:${nonce}:${nc}:${cnonce}:auth:${second}` : `${first}:${nonce}:${second}`,
  )
  const fields = [
    `username=${quoted(user)}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(uri)}`,
    `response="${response}"`,
    ...(algorithm === undefined ? [] : [`algorithm=${algorithm.replace(/[^\w-]/g, '')}`]),
    ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
    ...(hasQop ? ['qop=auth', `nc=${nc}`] : []),
    ...(hasQop || isSession ? [`cnonce="${cnonce}"`] : []),
  ]
  return `Digest ${fields.join(', ')}`
}

function hashOf(parameters: ReadonlyMap<string, string>): string | undefined {
  return HASHES[(parameters.get('algorithm') ?? 'MD5').toUpperCase().replace(/-SESS$/, '')]
}

/** One line whatever stands in it. */
function quoted(text: string): string {
  return `"${text.replace(/[\r\n\0]/g, '').replace(/["\\]/g, '\\$&')}"`
}

/** `Digest realm="a", nonce="b", Basic realm="c"`: names of parameters are in lower case. Pure. */
export function parseChallenges(value: string): Challenge[] {
  const challenges: Challenge[] = []
  let rest = value.slice(0, MAX_CHALLENGE_CHARACTERS).trim()
  while (rest !== '') {
    const [start, scheme] = /^([A-Za-z][\w-]{0,31})(?:\s+|$|,\s*)/.exec(rest) ?? []
    if (start === undefined) break
    rest = rest.slice(start.length)
    const parameters = new Map<string, string>()
    for (let found = PARAMETER.exec(rest); found; found = PARAMETER.exec(rest)) {
      const [text, name, inQuotes, plain] = found
      parameters.set(name!.toLowerCase(), inQuotes?.replace(/\\(.)/g, '$1') ?? plain!)
      rest = rest.slice(text.length)
    }
    challenges.push({ scheme: scheme!.toLowerCase(), parameters })
  }
  return challenges
}
