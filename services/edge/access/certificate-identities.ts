import { readFileSync, statSync } from 'node:fs'
import type { PeerCertificate } from 'node:tls'
import { z } from 'zod'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { parseBoundedJson } from '#platform/json/parse-json.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { scopeSchema } from '#schemas/api-key.ts'
import { tenantSchema } from '#schemas/identifiers.ts'
import type { Caller } from './access.ts'

const VARIABLE = 'MURMUR_EDGE_TLS_IDENTITIES'
const KINDS = ['spiffe', 'uri', 'dns', 'email', 'cn'] as const
type Kind = (typeof KINDS)[number]
const MAX_IDENTITIES = 10_000
const MAX_FILE_BYTES = 4 * 1024 * 1024
/** A changed file is found within this. */
const LOOK_INTERVAL_MS = 5000

const nameSchema = z.string().min(1).max(2048)
const identitySchema = z
  .strictObject({
    spiffe: z
      .string()
      .max(2048)
      .regex(/^spiffe:\/\/[a-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/, { error: 'must be a SPIFFE id' })
      .optional(),
    uri: nameSchema.optional(),
    dns: nameSchema.optional(),
    email: nameSchema.optional(),
    cn: nameSchema.optional(),
    tenant: tenantSchema,
    scopes: z.array(scopeSchema).min(1).max(16),
  })
  .refine((entry) => KINDS.filter((kind) => entry[kind] !== undefined).length === 1, {
    error: `must have exactly one of ${KINDS.join(', ')}`,
  })
const fileSchema = z.strictObject({ identities: z.array(identitySchema).max(MAX_IDENTITIES) })

/** What a certificate calls its holder. */
export type CertificateNames = Readonly<Record<Kind, readonly string[]>>

/**
 * Whom a client's certificate stands for: a file says which name of it is which tenant, with which scopes. The authority that issues
 * the certificates answers for their names; the names are compared as they are, without wildcards.
 */
export class CertificateIdentities implements Component {
  readonly name = 'certificate identities'
  readonly #file: string
  readonly #log: Log
  #callers: ReadonlyMap<string, Caller>
  #changedAtMs: number
  #timer: NodeJS.Timeout | undefined

  /** @throws MurmurError CONFIG_INVALID for a file that can't be read or says what can't be */
  constructor(file: string, log: Log) {
    this.#file = file
    this.#log = log
    this.#changedAtMs = changedAtMs(file)
    this.#callers = readIdentities(file)
  }

  start(): void {
    this.#timer = setInterval(() => this.refresh(), LOOK_INTERVAL_MS)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Reads the file again when it has changed; one that can't be taken leaves what was. */
  refresh(): void {
    try {
      const atMs = changedAtMs(this.#file)
      if (atMs === this.#changedAtMs) return
      this.#callers = readIdentities(this.#file)
      this.#changedAtMs = atMs
      this.#log.info(
        { file: this.#file, identities: this.#callers.size },
        'identities of certificates were read again',
      )
    } catch (error) {
      this.#log.error(
        { file: this.#file, reason: messageOf(error) },
        'identities of certificates can not be read: those from before hold',
      )
    }
  }

  /** @returns undefined for a certificate whose names stand for nobody, or for several */
  find(certificate: PeerCertificate): Caller | undefined {
    const names = namesOf(certificate)
    if (!names) return undefined
    const found = KINDS.flatMap((kind) =>
      names[kind].flatMap((name) => this.#callers.get(keyOf(kind, name)) ?? []),
    )
    if (found.length > 1)
      this.#log.warn({ subjects: found.map(({ subject }) => subject) }, 'a certificate stands for several')
    const [caller] = found
    return caller && found.length === 1 ? { ...caller, endsAtMs: endOf(certificate) } : undefined
  }
}

/** Unix milliseconds. */
function endOf({ valid_to: validTo }: PeerCertificate): number | undefined {
  const atMs = Date.parse(validTo)
  return Number.isNaN(atMs) ? undefined : atMs
}

/** The names of a certificate; undefined where they can't be told for certain. Pure. */
export function namesOf({
  subject,
  subjectaltname = '',
}: Pick<PeerCertificate, 'subject' | 'subjectaltname'>): CertificateNames | undefined {
  const alternatives = parseAlternativeNames(subjectaltname)
  if (!alternatives) return undefined
  const of = (type: string) => alternatives.filter(([found]) => found === type).map(([, name]) => name)
  const uris = of('URI')
  const cn: unknown = subject?.CN
  return {
    // A certificate of SPIFFE has one URI: with others beside it, it is none.
    spiffe: uris.length === 1 ? uris.filter((uri) => uri.startsWith('spiffe://')) : [],
    uri: uris,
    dns: of('DNS'),
    email: of('email'),
    // Several common names say nothing.
    cn: typeof cn === 'string' ? [cn] : [],
  }
}

/** `DNS:a, URI:"…"`: names with anything odd in them stand in quotes, as JSON has them, so that none can pass for two. */
function parseAlternativeNames(text: string): [type: string, name: string][] | undefined {
  const found: [string, string][] = []
  const one = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^",]*)(?:, |$)/y
  while (one.lastIndex < text.length) {
    const [, type, name] = one.exec(text) ?? []
    if (type === undefined || name === undefined) return undefined
    found.push([type, name.startsWith('"') ? (JSON.parse(name) as string) : name])
  }
  return found
}

function keyOf(kind: Kind, name: string): string {
  return `${kind}:${name}`
}

function changedAtMs(file: string): number {
  try {
    return statSync(file).mtimeMs
  } catch (cause) {
    throw fault(`names a file that can't be read: ${messageOf(cause)}`)
  }
}

/** @throws MurmurError CONFIG_INVALID */
function readIdentities(file: string): Map<string, Caller> {
  const parsed = fileSchema.safeParse(parseFile(file))
  if (!parsed.success) {
    const [{ path = [], message = 'is not valid' } = {}] = parsed.error.issues
    throw fault(`${file}: ${path.join('.')} ${message}`)
  }
  const callers = new Map<string, Caller>()
  for (const { tenant, scopes, ...names } of parsed.data.identities) {
    const kind = KINDS.find((one) => names[one] !== undefined)!
    const key = keyOf(kind, names[kind]!)
    if (callers.has(key)) throw fault(`${file}: ${key} stands there twice`)
    callers.set(key, { tenant, subject: `cert:${names[kind]}`, scopes: new Set(scopes) })
  }
  return callers
}

function parseFile(file: string): unknown {
  try {
    return parseBoundedJson(readFileSync(file), { maxBytes: MAX_FILE_BYTES })
  } catch (cause) {
    throw fault(`${file}: ${messageOf(cause)}`)
  }
}

function fault(message: string): MurmurError {
  return new MurmurError('CONFIG_INVALID', `${VARIABLE} ${message}`, {
    issues: [{ path: VARIABLE, message }],
  })
}
