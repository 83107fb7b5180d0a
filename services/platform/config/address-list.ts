import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { z } from 'zod'
import { DEFAULT_TENANT, TOKEN_PATTERN } from '#schemas/identifiers.ts'

/** Entries separated by commas, each accepted by `accepts`. */
export function listOf(accepts: (entry: string) => boolean, error: string) {
  return z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((entry) => entry.trim())
        .filter(Boolean),
    )
    .refine((entries) => entries.every(accepts), { error })
}

/** An entry that holds for one tenant, or with `*` for all. */
export interface TenantEntry {
  tenant: string
  entry: string
}

/** The same with `tenant=` before an entry: what stands there for nobody is for the tenant `default`, `*=` is for all. */
export function tenantListOf(accepts: (entry: string) => boolean, error: string) {
  const parse = (text: string): TenantEntry => {
    const at = text.indexOf('=')
    return at < 0
      ? { tenant: DEFAULT_TENANT, entry: text }
      : { tenant: text.slice(0, at), entry: text.slice(at + 1) }
  }
  const isEntry = ({ tenant, entry }: TenantEntry) =>
    (tenant === '*' || TOKEN_PATTERN.test(tenant)) && accepts(entry)
  return listOf((text) => isEntry(parse(text)), error).transform((entries) => entries.map(parse))
}

/** An address, a CIDR range or a host name. */
export function isAllowEntry(entry: string): boolean {
  if (entry.includes('/')) return ipaddr.isValidCIDR(entry)
  return isIP(entry) !== 0 || /^(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9._-]{0,252}$/.test(entry)
}
