import { type Command, Option } from 'commander'
import { z } from 'zod'
import { type ApiKey, SCOPES, type Scope, scopeSchema, TENANT_SCOPES } from '#schemas/api-key.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import type { KeyAdmin, MurmurClient } from '../client/murmur-client.ts'
import { EXIT } from '../exit-codes.ts'
import { formatDuration } from '../output/quantities.ts'
import { type Cell, renderTable } from '../output/table.ts'
import { withClient } from '../session/session.ts'
import { checkedBy } from './arguments.ts'

interface CreateOptions {
  scope: Scope[]
  expires?: number
}

const COLUMNS = [
  { title: 'key' },
  { title: 'tenant' },
  { title: 'name' },
  { title: 'state' },
  { title: 'age', align: 'right' },
  { title: 'scopes', flexible: true },
] as const
const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const lifetimeSchema = z
  .string()
  .regex(/^[1-9]\d{0,4}[mhd]$/, { error: 'must be a number of minutes, hours or days, as 30d' })
  .transform((text) => Number(text.slice(0, -1)) * UNIT_MS[text.at(-1) as keyof typeof UNIT_MS])

/** `murmur keys`: credentials for the edge. */
export function addKeys(program: Command, run: Run): void {
  const keys = program
    .command('keys')
    .description('API keys for the edge: make, list, revoke')
    .helpCommand(false)
  keys
    .command('create <name>')
    .description('make a key of the tenant that --tenant names; its secret is shown once')
    .addOption(
      new Option('--scope <scopes...>', `what it is good for: ${SCOPES.join(', ')}`)
        .argParser(collectScopes)
        .default([...TENANT_SCOPES], 'all of a tenant; policies are for operators'),
    )
    .option(
      '--expires <lifetime>',
      'holds for so long, as 12h or 30d; for ever without it',
      checkedBy(lifetimeSchema),
    )
    .action((name: string, options: CreateOptions) => run((context) => create(context, name, options)))
  keys
    .command('list')
    .description('list keys, newest first: those of the tenant that --tenant names, or all')
    .action(() => run((context) => list(context)))
  keys
    .command('revoke <id>')
    .description('end a key for ever, everywhere at once')
    .action((id: string) => run((context) => revoke(context, id)))
}

function collectScopes(text: string, given: Scope[] | undefined): Scope[] {
  const scopes = text.split(',').map(checkedBy(scopeSchema))
  // The default is what stands for none given.
  return given === undefined || given.length === TENANT_SCOPES.length ? scopes : [...given, ...scopes]
}

async function create(context: CliContext, name: string, { scope, expires }: CreateOptions) {
  const { terminal, json, tenant } = context
  // An option of the whole program: one of the command with the same name would never be given.
  if (tenant === undefined) throw new CliError('USAGE', '--tenant TENANT says whose key it is')
  const made = await withClient(context, (client) =>
    keysOf(client).create({
      tenant,
      name,
      scopes: scope,
      ...(expires !== undefined && { expiresInMs: expires }),
    }),
  )
  if (json) terminal.printJson(made)
  else {
    terminal.log(`Key ${made.key.id} for tenant ${tenant}. This is the only time that its secret is shown:`)
    terminal.print(made.secret)
  }
  return EXIT.ok
}

async function list(context: CliContext) {
  const { terminal, clock, json, tenant } = context
  const keys = await withClient(context, (client) => keysOf(client).list(tenant))
  if (json) terminal.printJson({ keys })
  else if (keys.length === 0) terminal.log('No keys. murmur keys create NAME --tenant TENANT makes one.')
  else {
    const { outPaint: paint, columns: width } = terminal
    const rows = keys.map((key) => keyRow(key, clock.nowMs()))
    terminal.print(...renderTable(COLUMNS, rows, { paint, ...(width !== undefined && { width }) }))
  }
  return EXIT.ok
}

async function revoke(context: CliContext, id: string) {
  const { terminal, json } = context
  const key = await withClient(context, (client) => keysOf(client).revoke(id))
  if (json) terminal.printJson({ key })
  else terminal.log(`Key ${key.id} of tenant ${key.tenant} (${key.name}) holds no more.`)
  return EXIT.ok
}

/** @throws CliError USAGE over the edge */
function keysOf({ keys, address }: MurmurClient): KeyAdmin {
  if (keys) return keys
  throw new CliError('USAGE', `keys are made and revoked on NATS, and commands go to ${address}`, {
    fix: 'Name NATS for this command: --nats URL.',
  })
}

function keyRow(key: ApiKey, nowMs: number): Cell[] {
  const state = stateOf(key, nowMs)
  return [
    { text: key.id },
    { text: key.tenant },
    { text: key.name },
    { text: state, style: state === 'revoked' || state === 'expired' ? 'dim' : 'green' },
    { text: formatDuration(nowMs - key.createdAtMs) },
    { text: scopesText(key.scopes), style: 'dim' },
  ]
}

function scopesText(scopes: readonly Scope[]): string {
  if (scopes.length === SCOPES.length) return 'all'
  const isAllOfTenant = TENANT_SCOPES.every((scope) => scopes.includes(scope))
  return isAllOfTenant ? 'all of a tenant' : scopes.join(' ')
}

function stateOf({ revokedAtMs, expiresAtMs }: ApiKey, nowMs: number): string {
  if (revokedAtMs !== undefined) return 'revoked'
  if (expiresAtMs === undefined) return 'holds'
  return expiresAtMs <= nowMs ? 'expired' : `${formatDuration(expiresAtMs - nowMs)} left`
}
