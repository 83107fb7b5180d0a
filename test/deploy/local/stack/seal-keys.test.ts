import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadTextSealer } from '#platform/config/seal-keys.ts'
import { keptSealKeys } from '../../../../deploy/local/stack/seal-keys.ts'

t.test('the key of local mode is made once, for its owner alone', async (t) => {
  const folder = join(t.testdir({}), 'data')
  const path = keptSealKeys(folder)
  t.equal(statSync(path).mode & 0o777, 0o600)
  const text = readFileSync(path, 'utf8')
  t.equal(keptSealKeys(folder), path)
  t.equal(readFileSync(path, 'utf8'), text, 'what it has sealed can still be opened')
  t.ok(loadTextSealer({ MURMUR_SEAL_KEYS_FILE: path }))
})
