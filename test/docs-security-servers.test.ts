import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type Permission, permissionsOf, type Role } from '../subjects/permissions.ts'
import { ROOT } from './support/source-files.ts'

const ROLES: [title: string, user: string, role: Role][] = [
  ['orchestrator', 'orchestrator', { kind: 'orchestrator' }],
  ['edge', 'edge', { kind: 'edge' }],
  ['operator', 'operator', { kind: 'operator' }],
  ['backup', 'backup', { kind: 'backup' }],
  ['an agent of the type `x`', 'agent-x', { kind: 'agent', type: 'x' }],
  ['capture', 'agent-capture', { kind: 'agent', type: 'capture' }],
  ['tracking', 'agent-tracking', { kind: 'agent', type: 'tracking' }],
  ['alerting', 'agent-alerting', { kind: 'agent', type: 'alerting' }],
  ['detector', 'detector', { kind: 'detector' }],
  ['client of the tenant `acme`', 'client-acme', { kind: 'client', tenant: 'acme' }],
  ['client of the tenant `default`', 'client-default', { kind: 'client', tenant: 'default' }],
]

/** What every agent has is written once. */
const ORDINARY = new Set(
  permissionsOf('agent-x', [{ kind: 'agent', type: 'x' }]).publish.map(({ why }) => why),
)

t.test('docs/security-servers.md shows the permissions as they are', (t) => {
  const page = readFileSync(join(ROOT, 'docs/security-servers.md'), 'utf8')
  const shown = page.split('<!-- roles:begin -->')[1]?.split('<!-- roles:end -->')[0]?.trim()
  const wanted = ROLES.map(([title, user, role]) => section(title, user, role)).join('\n\n')
  t.equal(shown, wanted, 'between the marks has to stand what is wanted here')
  t.end()
})

function section(title: string, user: string, role: Role): string {
  const { publish, subscribe, answers } = permissionsOf(user, [role])
  const special = ['capture', 'tracking', 'alerting'].includes(title)
  const own = (list: readonly Permission[]) => list.filter(({ why }) => !special || !ORDINARY.has(why))
  const more = [
    ...(special ? ['and what every agent may'] : []),
    ...(answers ? ['and may answer each request once'] : []),
  ]
  return [
    `**${title}**${more.length > 0 ? `, ${more.join(', ')}` : ''}`,
    '',
    '```',
    ...own(publish).map((line) => entry('pub', line)),
    ...own(subscribe).map((line) => entry('sub', line)),
    '```',
  ].join('\n')
}

function entry(verb: string, { subject, why }: Permission): string {
  return `${verb} ${subject.padEnd(58)} ${why}`
}
