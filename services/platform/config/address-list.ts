import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { z } from 'zod'

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

/** An address, a CIDR range or a host name. */
export function isAllowEntry(entry: string): boolean {
  if (entry.includes('/')) return ipaddr.isValidCIDR(entry)
  return isIP(entry) !== 0 || /^(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9._-]{0,252}$/.test(entry)
}
