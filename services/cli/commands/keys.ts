import { type Command, Option } from 'commander'
import { z } from 'zod'
import { type ApiKey, READ_SCOPES, SCOPES, type Scope, scopeSchema, TENANT_SCOPES } from '#schemas/api-key.ts'
import type { CliContext, Run } from '../cli-context.ts'
import { CliError } from '../cli-error.ts'
import type { KeyAdmin } from '../client/murmur-client.ts'
import { EXIT } from '../exit-codes.ts'
import { formatDuration } from '../output/quantities.ts'
import { type Cell, renderTable } from '../output/table.ts'
import { targetOf, withClient } from '../session/session.ts'
import { userName } from '../user-name.ts'
import { checkedBy } from './arguments.ts'

interface CreateOptions {
  scope?: Scope[]
  expires?: number
  owner?: string
}

interface RotateOptions {
  grace?: number
  expires?: number
}

const COLUMNS = [
  { title: 'key' },
  { title: 'tenant' },
  { title: 'name' },
  { title: 'state' },
  { title: 'age', align: 'right' },
  { title: 'used', align: 'right' },
  { title: 'owner' },
  { title: 'scopes', flexible: true },
] as const
const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const inUnits = (form: RegExp) =>
  z
    .string()
    .regex(form, { error: 'must be a number of minutes, hours or days, as 30d' })
    .transform((text) => Number(text.slice(0, -1)) * UNIT_MS[text.at(-1) as keyof typeof UNIT_MS])
const lifetimeSchema = inUnits(/^[1-9]\d{0,4}[mhd]$/)
const graceSchema = inUnits(/^\d{1,5}[mhd]$/)

/** `murmur keys`: credentials for the edge. */
export function addKeys(program: Command, run: Run): void {
  const keys = program
    .command('keys')
    .description('API keys for the edge: make, list, rotate, revoke')
    .helpCommand(false)
  keys
    .command('create <name>')
    .description('make a key of the tenant that --tenant names; its secret is shown once')
    .addOption(
      new Option('--scope <scopes...>', `what it is good for: ${SCOPES.join(', ')}`)
        .argParser(collectScopes)
        .default(undefined, `only reads: ${READ_SCOPES.join(', ')}`),
    )
    .option(
      '--expires <lifetime>',
      'holds for so long, as 12h or 30d; 90 days unless the edge says otherwise',
      checkedBy(lifetimeSchema),
    )
    .option('--owner <who>', 'who answers for it (default: your user name)')
    .action((name: string, options: CreateOptions) => run((context) => create(context, name, options)))
  keys
    .command('list')
    .description('list keys, newest first: those of the tenant that --tenant names, or all')
    .action(() => run((context) => list(context)))
  keys
    .command('rotate <id>')
    .description('make a key in place of another; its secret is shown once')
    .option(
      '--grace <time>',
      'the old one holds on for so long, as 2h or 7d; 0m ends it at once (default: 1d)',
      checkedBy(graceSchema),
    )
    .option(
      '--expires <lifetime>',
      'of the new key; as long as the old one was given, without it',
      checkedBy(lifetimeSchema),
    )
    .action((id: string, options: RotateOptions) => run((context) => rotate(context, id, options)))
  keys
    .command('revoke <id>')
    .description('end a key for ever, everywhere at once')
    .action((id: string) => run((context) => revoke(context, id)))
}

function collectScopes(text: string, given: Scope[] = []): Scope[] {
  return [...given, ...text.split(',').map(checkedBy(scopeSchema))]
}

async function create(context: CliContext, name: string, { scope, expires, owner }: CreateOptions) {
  const { terminal, clock, json, tenant } = context
  // An option of the whole program: one of the command with the same name would never be given.
  if (tenant === undefined) throw new CliError('USAGE', '--tenant TENANT says whose key it is')
  const made = await withKeys(context, (keys) =>
    keys.create({
      tenant,
      name,
      scopes: scope ?? [...READ_SCOPES],
      owner: owner ?? userName(),
      ...(expires !== undefined && { expiresInMs: expires }),
    }),
  )
  if (json) terminal.printJson(made)
  else {
    const holds = `${scopesText(made.key.scopes)}, ${stateOf(made.key, clock.nowMs())}`
    terminal.log(`Key ${made.key.id} for tenant ${tenant} (${holds}).`)
    terminal.log('This is the only time that its secret is shown:')
    terminal.print(made.secret)
  }
  return EXIT.ok
}

async function list(context: CliContext) {
  const { terminal, clock, json, tenant } = context
  const keys = await withKeys(context, (admin) => admin.list(tenant))
  if (json) terminal.printJson({ keys })
  else if (keys.length === 0) terminal.log('No keys. murmur keys create NAME --tenant TENANT makes one.')
  else {
    const { outPaint: paint, columns: width } = terminal
    const rows = keys.map((key) => keyRow(key, clock.nowMs()))
    terminal.print(...renderTable(COLUMNS, rows, { paint, ...(width !== undefined && { width }) }))
  }
  return EXIT.ok
}

async function rotate(context: CliContext, id: string, { grace, expires }: RotateOptions) {
  const { terminal, clock, json } = context
  const about = { ...(grace !== undefined && { graceMs: grace }), ...(expires && { expiresInMs: expires }) }
  const rotated = await withKeys(context, (keys) => keys.rotate({ id, ...about }))
  if (json) terminal.printJson(rotated)
  else {
    const { key, old, secret } = rotated
    const holds = stateOf(key, clock.nowMs())
    terminal.log(`Key ${key.id} (${holds}) takes the place of ${old.id} (${stateOf(old, clock.nowMs())}).`)
    terminal.log('This is the only time that its secret is shown:')
    terminal.print(secret)
  }
  return EXIT.ok
}

async function revoke(context: CliContext, id: string) {
  const { terminal, json } = context
  const key = await withKeys(context, (keys) => keys.revoke(id))
  if (json) terminal.printJson({ key })
  else terminal.log(`Key ${key.id} of tenant ${key.tenant} (${key.name}) holds no more.`)
  return EXIT.ok
}

/** @throws CliError USAGE over the edge */
async function withKeys<T>(context: CliContext, work: (keys: KeyAdmin) => Promise<T>): Promise<T> {
  const notHere = (address: string) =>
    new CliError('USAGE', `keys are made and revoked on NATS, and commands go to ${address}`, {
      fix: 'Name NATS for this command: --nats URL.',
    })
  // The tenant says whose key it is, not who asks: what is wrong is where the command goes.
  const target = targetOf({ ...context, tenant: undefined })
  if (target && 'edge' in target) throw notHere(target.edge.url)
  return withClient(context, ({ keys, address }) => {
    if (!keys) throw notHere(address)
    return work(keys)
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
    {
      text:
        key.lastUsedAtMs === undefined ? '–' : `${formatDuration(Math.max(0, nowMs - key.lastUsedAtMs))} ago`,
    },
    { text: key.owner ?? '–' },
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
