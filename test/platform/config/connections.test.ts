import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadNatsSecurity, loadRedisTls } from '#platform/config/connections.ts'

const folder = t.testdir({})
const file = (name: string) => join(folder, name)

t.test('settings that do not fit together are refused, without telling secrets', async (t) => {
  writeFileSync(file('one-line'), 'only a user')
  const wrong: Record<string, string>[] = [
    { MURMUR_NATS_TLS_CA: file('nowhere') },
    { MURMUR_NATS_TLS_CERT: file('one-line') },
    { MURMUR_NATS_CREDENTIALS: file('one-line') },
    { MURMUR_NATS_INBOX: 'log.1.accepted' },
    { MURMUR_NATS_INBOX: '_INBOX.>' },
  ]
  for (const settings of wrong) t.throws(() => loadNatsSecurity(settings), { code: 'CONFIG_INVALID' })
})
