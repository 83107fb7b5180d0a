import { randomBytes } from 'node:crypto'
import { rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadPayloadKeys } from '#platform/config/payload-keys.ts'

const quiet = { info: () => {}, error: () => {} }
let changes = 0

function write(file: string, text: string): void {
  writeFileSync(file, text)
  // Two writes may be within what the file system tells apart.
  utimesSync(file, 1, ++changes)
}

t.test(
  'without the setting there are no keys; a file that says what can not be stops the start',
  async (t) => {
    t.equal(loadPayloadKeys(quiet, {}), undefined)
    const file = join(t.testdir({}), 'keys')
    const load = () => loadPayloadKeys(quiet, { MURMUR_PAYLOAD_KEYS: file })
    t.throws(load, { code: 'CONFIG_INVALID', message: /MURMUR_PAYLOAD_KEYS: ENOENT/ })
    write(file, 'nothing of use')
    t.throws(load, { code: 'CONFIG_INVALID' })
  },
)

t.test(
  'a file that changes is read again, and who waits is told; one that can not be taken leaves what was',
  async (t) => {
    const file = join(t.testdir({}), 'keys')
    const line = (id: string) => `${id} * ${randomBytes(32).toString('base64')}\n`
    const first = line('one')
    write(file, first)
    const errors: unknown[] = []
    const keys = loadPayloadKeys(
      { ...quiet, error: (...about) => void errors.push(about) },
      { MURMUR_PAYLOAD_KEYS: file },
    )!
    let told = 0
    const end = keys.onChange(() => told++)
    const sealed = keys.seal('acme', 'p', 'x')
    const bytes = keys.sealBytes('acme', 'p', Buffer.from('x'))
    keys.refresh()
    t.equal(told, 0, 'nothing has changed')
    write(file, line('two') + first)
    keys.refresh()
    t.equal(told, 1)
    t.match(keys.seal('acme', 'p', 'x'), /^two\./)
    t.equal(keys.open('acme', 'p', sealed).toString(), 'x')
    t.equal(keys.openBytes('acme', 'p', bytes.keyId, bytes.sealed).toString(), 'x')
    t.ok(keys.digest('acme', 'x'))
    write(file, 'half writ')
    keys.refresh()
    rmSync(file)
    keys.refresh()
    t.equal(errors.length, 2)
    t.equal(keys.open('acme', 'p', sealed).toString(), 'x')
    t.equal(told, 1)
    end()
    write(file, first)
    keys.refresh()
    t.equal(told, 1, 'who has ended it is not told')
    keys.start()
    keys.stop()
  },
)
