import { z } from 'zod'
import { SCOPES, type Scope, scopeSchema } from '#schemas/api-key.ts'
import { tenantSchema } from '#schemas/identifiers.ts'

/** Who has this value in this claim is of this tenant and may do this. */
export const claimRuleSchema = z.strictObject({
  /** A claim, or the way to it with dots: `groups`, `realm_access.roles`. */
  claim: z.string().min(1).max(200),
  /** The claim itself, or one of a list. */
  value: z.string().min(1).max(1000),
  tenant: tenantSchema,
  scopes: z.array(scopeSchema).min(1).max(16),
})
export type ClaimRule = z.infer<typeof claimRuleSchema>
export const claimRulesSchema = z.array(claimRuleSchema).min(1).max(1000)

/** What a token says of tenant and scopes. */
export interface ClaimedAccess {
  readonly tenant: string
  readonly scopes: ReadonlySet<Scope>
}

type Claims = Readonly<Record<string, unknown>>

/**
 * Tenant and scopes by rules: all that fit count, and what a token says of scopes itself does not. Pure.
 * @returns undefined where none fits, or those that do name several tenants
 */
export function accessByRules(claims: Claims, rules: readonly ClaimRule[]): ClaimedAccess | undefined {
  const fitting = rules.filter(({ claim, value }) => hasValue(claimAt(claims, claim), value))
  const [first] = fitting
  if (!first || fitting.some(({ tenant }) => tenant !== first.tenant)) return undefined
  return { tenant: first.tenant, scopes: new Set(fitting.flatMap(({ scopes }) => scopes)) }
}

/** Tenant and scopes as the token itself says them. Pure. @returns undefined where it names no tenant */
export function accessByClaims(claims: Claims, tenantClaim: string): ClaimedAccess | undefined {
  const tenant = tenantSchema.safeParse(claimAt(claims, tenantClaim))
  return tenant.success ? { tenant: tenant.data, scopes: scopesOf(claims) } : undefined
}

/** `scope` (RFC 8693) or `scp`: words, or a list of them; those that are none of ours say nothing. */
function scopesOf(claims: Claims): Set<Scope> {
  const claim = claims.scope ?? claims.scp
  const words = typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : []
  return new Set(SCOPES.filter((scope) => words.includes(scope)))
}

/** A claim's own name may have dots in it: then it counts as it is. */
function claimAt(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name]
  let at: unknown = claims
  for (const part of name.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined
    at = (at as Claims)[part]
  }
  return at
}

function hasValue(claim: unknown, value: string): boolean {
  return Array.isArray(claim) ? claim.includes(value) : claim === value
}
