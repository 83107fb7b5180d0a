import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { maskUserinfo, readConfig } from '#platform/config/read-config.ts'
import { flag, wholeNumber } from '#platform/config/variable-schemas.ts'

t.test('a secret is never shown, a flag is true or false', async (t) => {
  const table = {
    key: { name: 'KEY', meaning: 'a key', secret: true, schema: flag() },
    on: { name: 'ON', meaning: 'a flag', default: 'no', schema: flag() },
  } as const
  t.throws(() => readConfig(table, { KEY: 'hunter2' }), {
    message: /KEY must be true or false, got a value that is not shown/,
  })
  t.strictSame(readConfig(table, { ON: 'Yes' }), { on: true })
  t.strictSame(readConfig(table, {}), { on: false })
})

t.test('credentials in URLs are masked, whatever is in them', async (t) => {
  t.equal(maskUserinfo('redis://:p@ss/word@host:1'), 'redis://[redacted]@host:1')
  t.equal(maskUserinfo('see http://host/path'), 'see http://host/path')
  t.equal(maskUserinfo('nats://a:b@h1,nats://c:d@h2'), 'nats://[redacted]@h2')
})

t.test('an empty variable counts as absent, and what is given by hand wins', async (t) => {
  const table = {
    port: { name: 'PORT', meaning: 'a port', default: '80', schema: wholeNumber({ min: 0, max: 99 }) },
  } as const
  t.strictSame(readConfig(table, { PORT: '  ' }), { port: 80 })
  t.strictSame(readConfig(table, { PORT: 'x' }, { PORT: '8' }), { port: 8 }, 'and is read instead')
  t.strictSame(readConfig(table, { PORT: '7' }, { PORT: undefined }), { port: 7 })
  t.throws(() => readConfig(table, {}, { PORT: '100' }), { code: 'CONFIG_INVALID', message: /got "100"/ })
})

t.test('a value may stand in a file, and nothing of it is told', async (t) => {
  const table = {
    key: { name: 'KEY', meaning: 'a key', mayBeFile: true, secret: true, schema: flag() },
    port: { name: 'PORT', meaning: 'a port', schema: wholeNumber({ min: 0, max: 99 }) },
  } as const
  const folder = t.testdir({ good: 'yes\n', bad: 'hunter2\n', empty: '\n' })
  const at = (name: string) => join(folder, name)
  t.strictSame(readConfig(table, { KEY_FILE: at('good') }), { key: true })
  t.strictSame(readConfig(table, { KEY_FILE: at('bad') }, { KEY: 'no' }), { key: false }, 'given by hand')
  t.strictSame(readConfig(table, { PORT_FILE: at('good') }), {}, 'only where the table says so')
  const fault = (env: Record<string, string>) => {
    try {
      readConfig(table, env)
      return 'none'
    } catch (error) {
      return (error as Error).message
    }
  }
  t.match(fault({ KEY_FILE: at('bad') }), /KEY must be true or false, got a value that is not shown/)
  t.match(fault({ KEY_FILE: at('empty') }), /KEY_FILE names an empty file/)
  t.match(fault({ KEY_FILE: at('none') }), /KEY_FILE names a file that can't be read: ENOENT/)
  t.match(fault({ KEY_FILE: at('good'), KEY: 'no' }), /KEY_FILE is set beside the variable itself/)
  writeFileSync(at('large'), 'x'.repeat(70_000))
  t.match(fault({ KEY_FILE: at('large') }), /KEY_FILE names a file of more than 65536 bytes/)
})
