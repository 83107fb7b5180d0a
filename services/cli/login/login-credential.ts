import type { Clock } from '#platform/clock/clock.ts'
import type { Tokens } from './device-flow.ts'
import { refreshTokens } from './device-flow.ts'
import { type Login, LoginStore } from './login-store.ts'

/** A token is asked for anew when it holds for no longer than this: a call is on its way for 10 s at most. */
const FRESH_MS = 30_000

/**
 * The token of whoever has logged in at an edge, refreshed when it is about to end.
 * @returns undefined where nobody has
 * @throws CliError FILE_UNREADABLE
 */
export function loginCredential(
  home: string,
  edgeUrl: string,
  clock: Clock,
): (() => Promise<string>) | undefined {
  const store = new LoginStore(home, clock)
  let login = store.get(edgeUrl)
  if (!login) return undefined
  const isFresh = ({ expiresAtMs }: Login) =>
    expiresAtMs === undefined || expiresAtMs - clock.nowMs() > FRESH_MS
  return async () => {
    if (login && isFresh(login)) return login.accessToken
    login = await store.change(edgeUrl, async (stored) => {
      // Another command may have been faster.
      if (!stored || isFresh(stored) || stored.refreshToken === undefined) return stored
      const { tokenEndpoint, clientId, refreshToken, audience } = stored
      const tokens = await refreshTokens(tokenEndpoint, { clientId, refreshToken, audience })
      return withTokens(stored, tokens, clock.nowMs())
    })
    // One that has ended is shown as it is: the edge says so, and how to mend it.
    return login?.accessToken ?? ''
  }
}

/** A login with other tokens; an issuer that gives no new refresh token lets the old one go on. Pure. */
export function withTokens(login: Omit<Login, 'accessToken'>, tokens: Tokens, nowMs: number): Login {
  const { expiresAtMs: _ended, refreshToken, ...about } = login
  const refresh = tokens.refresh_token ?? refreshToken
  return {
    ...about,
    accessToken: tokens.access_token,
    ...(tokens.expires_in !== undefined && { expiresAtMs: nowMs + tokens.expires_in * 1000 }),
    ...(refresh !== undefined && { refreshToken: refresh }),
  }
}
