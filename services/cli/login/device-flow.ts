import { z } from 'zod'
import type { Clock } from '#platform/clock/clock.ts'
import { type IssuerMetadata, isSafeUrl, postForm } from '#platform/http/oidc.ts'
import { CliError } from '../cli-error.ts'

/** What an edge takes, in characters: no larger token is of any use. */
const MAX_TOKEN = 8192
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
const DEFAULT_INTERVAL_S = 5
/** After `slow_down`, as RFC 8628 has it. */
const SLOWER_BY_S = 5
/** What an issuer says of an attempt that is still under way. */
const PENDING = 'authorization_pending'

const deviceSchema = z.object({
  device_code: z.string().min(1).max(MAX_TOKEN),
  user_code: z.string().min(1).max(64),
  verification_uri: z.string().max(2048).refine(isSafeUrl),
  verification_uri_complete: z.string().max(2048).refine(isSafeUrl).optional(),
  expires_in: z.number().positive().max(86_400),
  interval: z.number().positive().max(300).default(DEFAULT_INTERVAL_S),
})
export type DeviceCode = z.infer<typeof deviceSchema>

const tokenSchema = z.object({
  access_token: z
    .string()
    .regex(/^[A-Za-z0-9._~+/=-]+$/)
    .max(MAX_TOKEN),
  token_type: z.string().regex(/^bearer$/i),
  expires_in: z
    .number()
    .positive()
    .max(366 * 86_400)
    .optional(),
  refresh_token: z.string().min(1).max(MAX_TOKEN).optional(),
})
export type Tokens = z.infer<typeof tokenSchema>
const errorSchema = z.object({
  error: z.string().max(200),
  error_description: z.string().max(1000).optional(),
})

/** Who asks an issuer for what. */
export interface LoginRequest {
  readonly clientId: string
  readonly scope: string
  /** The edge that the token is for, as the issuer knows it. */
  readonly audience: string
}

/** Asks for a code that a person enters in a browser (RFC 8628). @throws CliError LOGIN_FAILED; MurmurError UNAVAILABLE */
export async function requestDeviceCode(
  { device_authorization_endpoint: url, issuer }: IssuerMetadata,
  { clientId, scope, audience }: LoginRequest,
): Promise<DeviceCode> {
  if (url === undefined) throw failed(`${issuer} has no device authorization`)
  const form = { client_id: clientId, scope, ...audienceOf(audience) }
  const { status, body } = await postForm(url, form)
  const parsed = deviceSchema.safeParse(body)
  if (status === 200 && parsed.success) return parsed.data
  throw failed(reasonOf(status, body))
}

/**
 * Waits until the person has decided in the browser.
 * @throws CliError LOGIN_FAILED when it was refused, or nobody came in time; MurmurError UNAVAILABLE; the signal's reason
 */
export async function awaitTokens(
  { token_endpoint: url, issuer }: IssuerMetadata,
  code: DeviceCode,
  { request, clock, signal }: { request: LoginRequest; clock: Clock; signal: AbortSignal },
): Promise<Tokens> {
  if (url === undefined) throw failed(`${issuer} has no token endpoint`)
  const untilMs = clock.monotonicMs() + code.expires_in * 1000
  let intervalS = code.interval
  const form = {
    grant_type: DEVICE_GRANT,
    device_code: code.device_code,
    client_id: request.clientId,
    ...audienceOf(request.audience),
  }
  for (;;) {
    await clock.sleep(intervalS * 1000, signal)
    if (clock.monotonicMs() > untilMs) throw failed('nobody has entered the code in time')
    const { status, body } = await postForm(url, form, signal)
    if (status === 200) return tokensIn(body)
    const error = errorSchema.safeParse(body).data?.error
    if (error === 'slow_down') intervalS += SLOWER_BY_S
    else if (error !== PENDING) throw failed(reasonOf(status, body))
  }
}

/** @throws CliError LOGIN_FAILED when the issuer gives none any more; MurmurError UNAVAILABLE */
export async function refreshTokens(
  tokenEndpoint: string,
  { clientId, refreshToken, audience }: { clientId: string; refreshToken: string; audience: string },
): Promise<Tokens> {
  const { status, body } = await postForm(tokenEndpoint, {
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
    client_id: clientId,
    ...audienceOf(audience),
  })
  if (status === 200) return tokensIn(body)
  throw failed(reasonOf(status, body))
}

/** Tells the issuer that a token is of no use any more (RFC 7009). @throws MurmurError UNAVAILABLE */
export async function revokeToken(
  revocationEndpoint: string,
  { clientId, token }: { clientId: string; token: string },
): Promise<void> {
  await postForm(revocationEndpoint, { client_id: clientId, token })
}

/** RFC 8707 has URLs for what a token is for; issuers that know other names call that `audience`. */
function audienceOf(audience: string): Record<string, string> {
  return URL.canParse(audience) ? { resource: audience } : { audience }
}

function tokensIn(body: unknown): Tokens {
  const parsed = tokenSchema.safeParse(body)
  if (parsed.success) return parsed.data
  throw failed('the issuer gave no token of the type Bearer')
}

function reasonOf(status: number, body: unknown): string {
  const error = errorSchema.safeParse(body).data
  if (!error) return `the issuer answered with status ${status}`
  return error.error_description ? `${error.error}: ${error.error_description}` : error.error
}

function failed(reason: string): CliError {
  return new CliError('LOGIN_FAILED', reason)
}
