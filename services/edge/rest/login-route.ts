import type { FastifyInstance } from 'fastify'
import { SCOPES } from '#schemas/api-key.ts'

/** How people get tokens for this edge (RFC 9728), and the client id that our command line has there. */
export interface LoginMetadata {
  readonly resource: string
  readonly authorization_servers: readonly string[]
  readonly bearer_methods_supported: readonly string[]
  readonly scopes_supported?: readonly string[]
  readonly murmur_cli_client_id?: string
}

export const LOGIN_PATH = '/.well-known/oauth-protected-resource'

/** @returns undefined where no tokens are taken. Pure. */
export function loginMetadata(edge: {
  readonly auth: string
  readonly jwtIssuer?: string | undefined
  readonly jwtAudience?: string | undefined
  readonly jwtClaimRules?: readonly unknown[] | undefined
  readonly loginClientId?: string | undefined
}): LoginMetadata | undefined {
  const { auth, jwtIssuer, jwtAudience, jwtClaimRules, loginClientId } = edge
  if (auth !== 'required' || jwtIssuer === undefined || jwtAudience === undefined) return undefined
  return {
    resource: jwtAudience,
    authorization_servers: [jwtIssuer],
    bearer_methods_supported: ['header'],
    // Where rules give them, asking for them would be refused by many issuers.
    ...(!jwtClaimRules && { scopes_supported: SCOPES }),
    ...(loginClientId !== undefined && { murmur_cli_client_id: loginClientId }),
  }
}

/** Tells whoever has no token yet where there are some: the same words to everybody. */
export function addLoginRoute(app: FastifyInstance, metadata: LoginMetadata | undefined): void {
  if (!metadata) return
  const body = JSON.stringify(metadata)
  app.get(LOGIN_PATH, async (_request, reply) => reply.type('application/json').send(body))
}
