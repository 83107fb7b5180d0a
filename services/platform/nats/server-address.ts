/** Addresses and versions of servers, as the client library and people need them. */

export interface ServerAddress {
  servers: string[]
  user?: string
  pass?: string
}

/** Several servers are separated by commas; the client takes credentials as options, not from the URL. */
export function serversOf(urls: string): ServerAddress {
  const servers = urls.split(',').map((url) => url.trim())
  const [withUser] = servers.map((url) => new URL(url)).filter((url) => url.username !== '')
  const bare = servers.map(withoutCredentials)
  if (!withUser) return { servers: bare }
  return {
    servers: bare,
    user: decodeURIComponent(withUser.username),
    pass: decodeURIComponent(withUser.password),
  }
}

/** For messages and logs. */
export function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^@/]*@/g, '//')
}

/** Negative when `a` is older than `b`; pre-release marks don't count. */
export function compareVersions(a: string, b: string): number {
  const numbers = (text: string) => text.split(/[.-]/).slice(0, 3).map(Number)
  const [x, y] = [numbers(a), numbers(b)]
  for (let i = 0; i < 3; i++) if ((x[i] ?? 0) !== (y[i] ?? 0)) return (x[i] ?? 0) - (y[i] ?? 0)
  return 0
}
