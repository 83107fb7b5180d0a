import type { Command } from 'commander'
import { z } from 'zod'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { discoverIssuer, getJson, type IssuerMetadata, isSafeUrl } from '#platform/http/oidc.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import { loadEdgeTarget } from '../client/edge-target.ts'
import { connectClient } from '../client/murmur-client.ts'
import { EXIT } from '../exit-codes.ts'
import { unlessInterrupted } from '../interruption.ts'
import { awaitTokens, requestDeviceCode, revokeToken } from '../login/device-flow.ts'
import { withTokens } from '../login/login-credential.ts'
import { LoginStore } from '../login/login-store.ts'
import { waitingFor } from '../output/waiting.ts'

interface LoginOptions {
  issuer?: string
  clientId?: string
  audience?: string
  scope?: string
}

/** Without it, a token ends and nothing but another login gives the next. */
const STAYS = 'offline_access'
const metadataSchema = z.object({
  resource: z.string().max(1000),
  authorization_servers: z.array(z.string().max(1000)).min(1).max(10),
  scopes_supported: z.array(z.string().max(100)).max(100).optional(),
  murmur_cli_client_id: z.string().max(200).optional(),
})

/** `murmur login` and `logout`: people, by the issuer that the edge trusts. */
export function addLogin(program: Command, run: Run): void {
  program
    .command('login')
    .description('log in at an edge, in a browser on any device; the token is kept for you alone')
    .option('--issuer <url>', 'who gives tokens, instead of whom the edge names')
    .option('--client-id <id>', 'what this command line is called there')
    .option('--audience <name>', 'what the token is for, where that is not the address of the edge')
    .option('--scope <scopes>', 'what to ask for, separated by spaces')
    .action((options: LoginOptions) => run((context) => login(context, options)))
  program
    .command('logout')
    .description('forget the token for an edge, and have its issuer end it')
    .action(() => run((context) => logout(context)))
}

async function login(context: CliContext, options: LoginOptions) {
  const { terminal, clock, json, home, signal } = context
  const url = edgeOf(context)
  const asked = await askEdge(url, options)
  const issuer = await discoverIssuer(asked.issuer)
  const request = { clientId: asked.clientId, audience: asked.audience, scope: scopeOf(issuer, asked.scopes) }
  const code = await requestDeviceCode(issuer, request)
  terminal.log(`Open ${code.verification_uri_complete ?? code.verification_uri}`)
  terminal.log(`and check that it shows the code ${code.user_code}. You log in at ${issuer.issuer}.`)
  const decided = awaitTokens(issuer, code, { request, clock, signal })
  const tokens = await unlessInterrupted(waitingFor('waiting for you', decided, context), signal)
  const { token_endpoint: tokenEndpoint = '', revocation_endpoint: revocationEndpoint } = issuer
  const about = {
    issuer: issuer.issuer,
    tokenEndpoint,
    ...(revocationEndpoint !== undefined && { revocationEndpoint }),
    clientId: request.clientId,
    audience: request.audience,
  }
  // Before it is kept: a token that the edge does not take is of no use to anybody.
  await assertTaken(url, tokens.access_token, context)
  const kept = await new LoginStore(home, clock).change(url, async () =>
    withTokens(about, tokens, clock.nowMs()),
  )
  const { expiresAtMs, refreshToken } = kept ?? {}
  if (json)
    terminal.printJson({ edge: url, issuer: issuer.issuer, expiresAtMs, renews: refreshToken !== undefined })
  else
    terminal.log(`Logged in at ${url}.${refreshToken === undefined ? ' The issuer does not renew it.' : ''}`)
  return EXIT.ok
}

async function logout(context: CliContext) {
  const { terminal, clock, json, home } = context
  const url = edgeOf(context)
  const store = new LoginStore(home, clock)
  const known = store.get(url)
  if (known) await store.change(url, async () => undefined)
  const token = known?.refreshToken ?? known?.accessToken
  if (known?.revocationEndpoint !== undefined && token !== undefined)
    await revokeToken(known.revocationEndpoint, { clientId: known.clientId, token })
  if (json) terminal.printJson({ edge: url, wasLoggedIn: known !== undefined })
  else terminal.log(known ? `Logged out of ${url}.` : `Nobody was logged in at ${url}.`)
  return EXIT.ok
}

/** @throws CliError USAGE; MurmurError CONFIG_INVALID */
function edgeOf({ edgeUrl, natsUrl, env }: CliContext): string {
  const target = natsUrl === undefined ? loadEdgeTarget(edgeUrl, env) : undefined
  if (!target)
    throw new CliError('USAGE', 'people log in at an edge', {
      fix: 'Name it: --edge URL, or MURMUR_EDGE_URL.',
    })
  if (!isSafeUrl(target.url))
    throw new CliError('USAGE', `${target.url} would get your token in plain text`, {
      fix: 'Use https, or http on this machine.',
    })
  return target.url
}

/** What to ask of whom: as the edge says (RFC 9728), unless it is said here. @throws CliError USAGE, LOGIN_FAILED */
async function askEdge(url: string, options: LoginOptions) {
  const said = await edgeMetadata(url)
  const issuer = options.issuer ?? said?.authorization_servers[0]
  const clientId = options.clientId ?? said?.murmur_cli_client_id
  const audience = options.audience ?? said?.resource
  if (issuer === undefined || audience === undefined)
    throw new CliError('LOGIN_FAILED', `${url} takes no tokens of people`, {
      fix: 'Use an API key (MURMUR_API_KEY), or have the edge trust an issuer: docs/security.md.',
    })
  if (clientId === undefined)
    throw new CliError('USAGE', '--client-id ID says what this command line is called at the issuer')
  // Else an edge of somebody else could have a token for this one sent to itself.
  const isOwn = URL.canParse(audience) && new URL(audience).origin === new URL(url).origin
  if (options.audience === undefined && !isOwn)
    throw new CliError('USAGE', `${url} wants a token for "${audience}", which is not its address`, {
      fix: `If that is right: --audience ${audience}`,
    })
  return { issuer, clientId, audience, scopes: options.scope?.split(/\s+/) ?? said?.scopes_supported ?? [] }
}

async function edgeMetadata(url: string) {
  const { status, body } = await getJson(`${url}/.well-known/oauth-protected-resource`)
  return status === 200 ? metadataSchema.safeParse(body).data : undefined
}

/** An issuer that says which scopes it knows is asked for no others, except by name. */
function scopeOf({ scopes_supported: known }: IssuerMetadata, scopes: readonly string[]): string {
  const stays = known === undefined || known.includes(STAYS) ? [STAYS] : []
  return [...new Set(['openid', ...stays, ...scopes])].join(' ')
}

/** @throws CliError LOGIN_FAILED; MurmurError UNAVAILABLE */
async function assertTaken(url: string, credential: string, { clock, env }: CliContext): Promise<void> {
  const client = await connectClient({ edge: { url, credential } }, { clock, env })
  try {
    await client.list({ limit: 1 })
  } catch (error) {
    if (!(error instanceof MurmurError)) throw error
    if (error.code === 'UNAUTHENTICATED')
      throw new CliError('LOGIN_FAILED', `${url} does not take the token that the issuer gave`, {
        fix: 'Ask who runs the edge: your account needs claims that name a tenant and scopes (docs/security.md).',
      })
    // Who may do something else is known all the same.
    if (error.code !== 'PERMISSION_DENIED') throw error
  } finally {
    await client.close()
  }
}
