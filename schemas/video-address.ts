/**
 * Addresses of video, and who asks there: `rtsp://{cam-1}@host/path` names a secret that the operator keeps, `{sealed:…}` holds one
 * that only capture can read, and `user:password@` is what people write.
 */

/** Who asks a source, as the address has it. */
export type SourceUser =
  | { kind: 'secret'; name: string }
  | { kind: 'sealed'; text: string }
  | { kind: 'inline'; user: string; password: string }

export interface SourceAddress {
  /** The address without user and password. */
  url: string
  user?: SourceUser
}

/** What is wrong with an address, for people. Never quotes it: parts of a password may stand anywhere in it. */
export interface AddressFault {
  fault: string
}

/** Names a secret of a camera. */
export const CAMERA_SECRET_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/
const SEALED = 'sealed:'
const SEALED_PATTERN = /^sealed:[A-Za-z0-9_-]{1,64}\.[A-Za-z0-9_-]{1,1024}$/
const ADDRESS = /^(rtsps?|https?):\/\/([^/?#]*)(.*)$/i

const REFERENCE_HELP = 'name a secret, {cam-1}, in their place'
const UNSAFE_HELP = `write / ? # @ : and % of a user or a password as %2F %3F %23 %40 %3A %25, or ${REFERENCE_HELP}`

/**
 * Takes an address apart. An `@` of a password may stand as it is, the last one before the path counts; a `/`, `?` or `#` may not,
 * as the path would begin there. Pure.
 */
export function parseSourceAddress(text: string): SourceAddress | AddressFault {
  const [, scheme, authority = '', rest = ''] = ADDRESS.exec(text) ?? []
  if (scheme === undefined) return { fault: 'must be an rtsp, rtsps, http or https address' }
  const at = authority.lastIndexOf('@')
  const host = authority.slice(at + 1)
  const url = `${scheme.toLowerCase()}://${host}${rest}`
  if (isCut(host, rest, at >= 0))
    return { fault: `has a / ? or # within what looks like a password: ${UNSAFE_HELP}` }
  if (!URL.canParse(url) || new URL(url).hostname === '')
    return { fault: `names no host that can be read: ${UNSAFE_HELP}` }
  if (at < 0) return { url }
  const user = parseUser(authority.slice(0, at))
  return 'fault' in user ? user : { url, user }
}

/** The address with its user as a token in braces. Pure. */
export function withUserToken(url: string, token: string): string {
  return url.replace('://', `://{${token}}@`)
}

/** What looks like the host after an `@`: an address, a name with a dot or a port. */
const LATER_HOST =
  /@(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:.]+\]|[a-z0-9-]+(\.[a-z0-9-]+)+|[a-z0-9-]+(?=:\d))(:\d{1,5})?([/?#]|$)/i
const ANY_LATER_HOST = /@[a-z0-9.[\]-]+(:\d{1,5})?([/?#]|$)/i

/**
 * Whether the real host stands behind what was taken for it: a `/`, `?` or `#` of a password has ended it too early. An address within the
 * address, as gateways take one, has its own `@`.
 */
function isCut(host: string, rest: string, hasUser: boolean): boolean {
  const own = rest.split('://')[0]!
  if (!own.includes('@')) return false
  if (LATER_HOST.test(own)) return true
  // `user:p@ss/word@cam`: half a password is no name with a dot.
  if (hasUser) return !host.includes('.') && !host.includes(':') && ANY_LATER_HOST.test(own)
  return isCutPassword(host)
}

/** `user:pa/ss@host` gives `user:pa` for a host: with a port that is none, or a name without a dot before a port. */
function isCutPassword(host: string): boolean {
  const colon = host.indexOf(':')
  if (colon < 0 || host.startsWith('[')) return false
  const name = host.slice(0, colon)
  return !/^\d{1,5}$/.test(host.slice(colon + 1)) || !(name.includes('.') || name === 'localhost')
}

function parseUser(text: string): SourceUser | AddressFault {
  // Whoever writes the address down anew may have encoded the braces.
  const [, token] = /^(?:\{|%7B)(.*)(?:\}|%7D)$/i.exec(text) ?? []
  if (token !== undefined) {
    const plain = token.replace(/%3A/i, ':')
    if (plain.startsWith(SEALED))
      return SEALED_PATTERN.test(plain)
        ? { kind: 'sealed', text: plain.slice(SEALED.length) }
        : { fault: 'has something sealed that is not complete: send user and password again' }
    if (CAMERA_SECRET_PATTERN.test(plain)) return { kind: 'secret', name: plain }
    return {
      fault: 'a secret in braces has a name of 1 to 64 characters of A-Z a-z 0-9 _ -, letter or digit first',
    }
  }
  const colon = text.indexOf(':')
  try {
    const user = decodeURIComponent(colon < 0 ? text : text.slice(0, colon))
    const password = colon < 0 ? '' : decodeURIComponent(text.slice(colon + 1))
    if (/\p{Cc}/u.test(user + password))
      return { fault: `has a control character in its user or password: ${REFERENCE_HELP}` }
    return { kind: 'inline', user, password }
  } catch {
    return { fault: `has a % in its user or password that encodes nothing: ${UNSAFE_HELP}` }
  }
}

/** What says who asks, in addresses of cameras that have no other place for it. */
const CREDENTIAL =
  '(?:user(?:name)?|usr|login(?:user?|pass?|name|pw)?|account|pass(?:word|wd|phrase)?|pwd|pw|psw|(?:access_?|api_?|auth_?|session_?)?(?:token|key)|session_?id|secret|auth|sign(?:ature)?|sig|sid|jwt|credentials?|[up])'
/** `?user=admin&pwd=…` */
const IN_QUERY = new RegExp(`(?<=[?&;])(${CREDENTIAL})=([^&;]+)`, 'gi')
/** `/user=admin_password=…_channel=1_stream=0.sdp`, or with `&` between them. */
const IN_PATH = new RegExp(`(?<=[/&;_])(${CREDENTIAL})=(.+?)(?=$|[/&;]|_[a-z]+=)`, 'gi')

/** An address with the values in its path and its query changed that say who asks. Values are as they stand there, encoded. Pure. */
export function mapCredentials(url: string, change: (value: string) => string): string {
  const [, place = url, path = '', query = '', hash = ''] =
    /^([^/?#]*:\/\/[^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(url) ?? []
  const changed = (text: string, where: RegExp) =>
    text.replace(where, (_whole, name: string, value: string) => `${name}=${change(value)}`)
  return `${place}${changed(path, IN_PATH)}${changed(query, IN_QUERY)}${hash}`
}

/** What is sealed in a value of an address; undefined: nothing is. Pure. */
export function sealedIn(value: string): string | undefined {
  const [, text] = /^(?:\{|%7B)(sealed(?::|%3A).*)(?:\}|%7D)$/i.exec(value) ?? []
  const plain = text?.replace(/%3A/i, ':')
  return plain !== undefined && SEALED_PATTERN.test(plain) ? plain.slice(SEALED.length) : undefined
}
