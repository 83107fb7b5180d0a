import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  ftruncateSync,
  openSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { parseArgs } from 'node:util'
import { type PayloadKey, parsePayloadKeys, payloadKeysOf } from '#platform/secrets/payload-codec.ts'

/** A key of a file: its id, and for whom it is (`*`: for all). */
export interface KeyName {
  readonly id: string
  readonly tenant: string
}

const KEY_BYTES = 32
const HEAD =
  '# id, tenant or * for all, 32 bytes as base64. The first that fits a tenant encrypts, all of them open.\n'
const PRIVATE_FILE = 0o600
const WRITABLE = 0o200

/** A new file with one key, which is for all tenants unless one is named. @param nowMs of the default id. Unix ms */
export function newPayloadKeys(nowMs: number, { tenant = '*', id }: Partial<KeyName> = {}): string {
  return HEAD + lineOf({ id: id ?? dayOf(nowMs), tenant })
}

/**
 * The text with one more key at the end: it opens, and does not encrypt while another one fits.
 * @throws MurmurError CONFIG_INVALID for a text, a name or a tenant that can't be
 */
export function addPayloadKey(
  text: string,
  nowMs: number,
  { tenant = '*', id }: Partial<KeyName> = {},
): { text: string; added: KeyName } {
  const taken = new Set(keysIn(text).flatMap((key) => (key.tenant === tenant ? [key.id] : [])))
  let free = id ?? dayOf(nowMs)
  for (let n = 2; id === undefined && taken.has(free); n++) free = `${dayOf(nowMs)}-${n}`
  const added = { id: free, tenant }
  return { text: checked(`${text.trimEnd()}\n${lineOf(added)}`), added }
}

/** The text with this key in front of all others that fit its tenant: it encrypts. @throws TypeError, MurmurError CONFIG_INVALID */
export function usePayloadKey(text: string, name: KeyName): string {
  const lines = text.trimEnd().split('\n')
  const [line = ''] = lines.splice(placeOf(lines, name), 1)
  const isOf = (owner: string | undefined) => owner === name.tenant || owner === '*'
  const first = lines.findIndex((each) => isOf(nameIn(each)?.tenant))
  lines.splice(first === -1 ? lines.length : first, 0, line)
  return checked(`${lines.join('\n')}\n`)
}

/**
 * The text without the bytes of this key: what it has encrypted is broken for good, and nobody waits for it any more.
 * @throws TypeError; MurmurError CONFIG_INVALID where its tenant would be left without a key
 */
export function giveUpPayloadKey(text: string, name: KeyName): string {
  const lines = text.trimEnd().split('\n')
  lines[placeOf(lines, name)] = `${name.id} ${name.tenant} lost`
  return checked(`${lines.join('\n')}\n`)
}

/** A file for whoever works for one tenant: its own lines, and what it gets of the keys for all. @throws TypeError where it has none */
export function payloadKeysForTenant(text: string, tenant: string): string {
  const own = [...payloadKeysOf(keysIn(text), tenant)]
  if (!own.some(([, key]) => key.length > 0)) throw new TypeError(`there is no key for tenant "${tenant}"`)
  const lines = own.map(([id, key]) => `${id} ${tenant} ${key.length > 0 ? encoded(key) : 'lost'}\n`)
  return checked(HEAD + lines.join(''))
}

/** Writes into the file that is there: containers hold on to the one that they were given. What is there half is no file of keys. */
export function rewriteKeys(file: string, text: string): void {
  const { mode } = statSync(file)
  chmodSync(file, mode | WRITABLE)
  const opened = openSync(file, 'r+')
  try {
    const bytes = Buffer.from(text)
    writeSync(opened, bytes, 0, bytes.length, 0)
    ftruncateSync(opened, bytes.length)
  } finally {
    closeSync(opened)
    chmodSync(file, mode)
  }
}

function lineOf({ id, tenant }: KeyName): string {
  return `${id} ${tenant} ${encoded(randomBytes(KEY_BYTES))}\n`
}

function encoded(key: Uint8Array): string {
  return Buffer.from(key).toString('base64')
}

function dayOf(nowMs: number): string {
  return new Date(nowMs).toISOString().slice(0, 10)
}

function nameIn(line: string): KeyName | undefined {
  if (line.trimStart().startsWith('#')) return undefined
  const [id = '', tenant = ''] = line.trim().split(/\s+/)
  return id === '' ? undefined : { id, tenant }
}

function placeOf(lines: readonly string[], { id, tenant }: KeyName): number {
  const place = lines.findIndex((line) => {
    const name = nameIn(line)
    return name?.id === id && name.tenant === tenant
  })
  if (place === -1) throw new TypeError(`there is no key "${id}" of tenant "${tenant}" in this file`)
  return place
}

function keysIn(text: string): PayloadKey[] {
  return parsePayloadKeys(text, 'the file of payload keys')
}

function checked(text: string): string {
  keysIn(text)
  return text
}

const USAGE = `Makes and changes a file of MURMUR_PAYLOAD_KEYS. The order of a rotation: docs/operations.md.

  payload-keys.ts make FILE [--tenant T] [--id ID]        a new file with one key
  payload-keys.ts add FILE [--tenant T] [--id ID]         one key more: it opens, and encrypts nothing yet
  payload-keys.ts use FILE --id ID [--tenant T]           from now on this one encrypts
  payload-keys.ts give-up FILE --id ID [--tenant T] --yes its bytes are gone: what it has encrypted is broken for good
  payload-keys.ts of FILE --tenant T                      prints the keys of one tenant, for a site or an agent of its own

Without --tenant a key is for all of them (*).
`

function run(): string {
  const { values, positionals } = parseArgs({
    options: {
      tenant: { type: 'string' },
      id: { type: 'string' },
      yes: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  })
  const { id, tenant = '*' } = values
  const [command, file, ...more] = positionals
  if (command === undefined || file === undefined || more.length > 0) throw new TypeError(USAGE)
  const about = { tenant, ...(id !== undefined && { id }) }
  if (command === 'make') {
    writeFileSync(file, checked(newPayloadKeys(Date.now(), about)), { flag: 'wx', mode: PRIVATE_FILE })
    return `made: ${file}. Keep it with the backups and apart from them: without it they hold nothing that can be read.\n`
  }
  const text = readFileSync(file, 'utf8')
  if (command === 'of') {
    if (tenant === '*') throw new TypeError('name the tenant: --tenant NAME')
    return payloadKeysForTenant(text, tenant)
  }
  if (command === 'add') {
    const { text: next, added } = addPayloadKey(text, Date.now(), about)
    rewriteKeys(file, next)
    return `added: ${added.id} ${added.tenant}. When every process has it: use ${file} --id ${added.id}${tenant === '*' ? '' : ` --tenant ${tenant}`}\n`
  }
  if (id === undefined) throw new TypeError('name the key: --id ID')
  if (command === 'use') {
    rewriteKeys(file, usePayloadKey(text, { id, tenant }))
    return `from now on "${id}" encrypts. The ones before it stay as long as anything lies that they have encrypted.\n`
  }
  if (command !== 'give-up') throw new TypeError(USAGE)
  if (!values.yes)
    throw new TypeError(`what "${id}" of ${tenant} has encrypted can't be read any more then: say --yes`)
  rewriteKeys(file, giveUpPayloadKey(text, { id, tenant }))
  return `"${id}" of ${tenant} is given up.\n`
}

if (import.meta.main) {
  try {
    process.stdout.write(run())
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    process.exitCode = 1
  }
}
