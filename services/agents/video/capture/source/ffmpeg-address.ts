/** Never a real name (RFC 2606): only the gateway understands it. */
const SUFFIX = '.https.invalid'
const HTTPS_ADDRESS = /https:\/\/[^\s"'<>,]+/gi

/**
 * An https address as plain http with a host that the gateway takes apart again: ffmpeg itself may speak http only, to the
 * gateway only. Anything else is given back as it is. Pure.
 */
export function wrapUrl(url: string): string {
  const parsed = URL.parse(url)
  if (parsed?.protocol !== 'https:') return url
  const { username, password, host, pathname, search } = parsed
  const user = username || password ? `${username}${password && `:${password}`}@` : ''
  return `http://${user}h${Buffer.from(host).toString('hex')}${SUFFIX}${pathname}${search}`
}

/** What was asked for: undoes `wrapUrl`, user and password aside. Undefined when it is no http address. Pure. */
export function unwrapUrl(target: string): URL | undefined {
  const parsed = URL.parse(target)
  if (parsed?.protocol !== 'http:') return undefined
  parsed.username = ''
  parsed.password = ''
  if (!parsed.hostname.endsWith(SUFFIX)) return parsed
  const hex = parsed.hostname.slice(1, -SUFFIX.length)
  const host = /^([0-9a-f]{2})+$/.test(hex) ? Buffer.from(hex, 'hex').toString() : ''
  const unwrapped = URL.parse(`https://${host}/`)
  // What does not come out again as it went in was not made by `wrapUrl`.
  if (unwrapped?.host !== host) return undefined
  return new URL(`https://${host}${parsed.pathname}${parsed.search}`)
}

/** A playlist in which every https address goes through the gateway too. Pure. */
export function wrapPlaylist(text: string): string {
  return text.replace(HTTPS_ADDRESS, wrapUrl)
}
