import { z } from 'zod'
import { MurmurError, messageOf } from '../errors/murmur-error.ts'
import { parseBoundedJson } from '../json/parse-json.ts'

const TIMEOUT_MS = 10_000
const MAX_ANSWER_BYTES = 256 * 1024
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** An address that secrets may go to: https, or http on this machine. */
export function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname))
}

const safeUrl = z.string().max(2048).refine(isSafeUrl, { error: 'must be https, or http on this machine' })

/** What is used of an issuer's metadata (OpenID Connect Discovery 1.0, RFC 8414, RFC 8628). */
const issuerMetadataSchema = z.object({
  issuer: z.string(),
  jwks_uri: safeUrl,
  token_endpoint: safeUrl.optional(),
  device_authorization_endpoint: safeUrl.optional(),
  revocation_endpoint: safeUrl.optional(),
  scopes_supported: z.array(z.string().max(200)).max(1000).optional(),
})
export type IssuerMetadata = z.infer<typeof issuerMetadataSchema>

/**
 * What an issuer says of itself at `<issuer>/.well-known/openid-configuration`.
 * @throws MurmurError UNAVAILABLE when it does not answer, or with something else; also when it calls itself by another name
 */
export async function discoverIssuer(issuer: string): Promise<IssuerMetadata> {
  const url = `${issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`
  if (!isSafeUrl(url)) throw away(url, 'must be https, or http on this machine')
  const { status, body } = await ask(url)
  if (status !== 200) throw away(url, `answered with status ${status}`)
  const parsed = issuerMetadataSchema.safeParse(body)
  if (!parsed.success)
    throw away(url, parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; '))
  // Else an issuer could speak for another.
  if (parsed.data.issuer !== issuer) throw away(url, `is of the issuer "${parsed.data.issuer}"`)
  return parsed.data
}

/** JSON from a URL. @throws MurmurError UNAVAILABLE for anything else than an answer in JSON */
export function getJson(url: string, signal?: AbortSignal): Promise<{ status: number; body: unknown }> {
  return ask(url, undefined, signal)
}

/** Sends a form, as OAuth has it. @throws MurmurError UNAVAILABLE for anything else than an answer in JSON */
export function postForm(
  url: string,
  form: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<{ status: number; body: unknown }> {
  return ask(url, new URLSearchParams(form), signal)
}

async function ask(
  url: string,
  form?: URLSearchParams,
  signal?: AbortSignal,
): Promise<{ status: number; body: unknown }> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  try {
    const response = await fetch(url, {
      headers: { accept: 'application/json' },
      // What is sent is for this address and for no other.
      redirect: 'error',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      ...(form && { method: 'POST', body: form }),
    })
    const bytes = await readBounded(response)
    return { status: response.status, body: bytes.length === 0 ? undefined : parseBoundedJson(bytes) }
  } catch (cause) {
    if (signal?.aborted) throw cause
    const reason = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause
    throw away(url, messageOf(reason), cause)
  }
}

async function readBounded(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > MAX_ANSWER_BYTES) throw new RangeError(`more than ${MAX_ANSWER_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function away(url: string, reason: string, cause?: unknown): MurmurError {
  return new MurmurError('UNAVAILABLE', `${url}: ${reason}`, { cause, retryAfterMs: TIMEOUT_MS })
}
