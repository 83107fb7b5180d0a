import t from 'tap'
import { loadTextSealer } from '#platform/config/seal-keys.ts'

t.test('keys come from the environment or a file, and a wrong one is never shown', async (t) => {
  t.equal(loadTextSealer({}), undefined)
  const keys = `k1:${Buffer.alloc(32, 9).toString('base64')}`
  const folder = t.testdir({ keys: `${keys}\n` })
  const sealed = loadTextSealer({ MURMUR_SEAL_KEYS: keys })?.seal('hush', 'a') ?? ''
  t.equal(loadTextSealer({ MURMUR_SEAL_KEYS_FILE: `${folder}/keys` })?.open(sealed, 'a'), 'hush')
  try {
    loadTextSealer({ MURMUR_SEAL_KEYS: 'k1:hush-hush' })
    t.fail('it was taken')
  } catch (error) {
    t.match(error, { code: 'CONFIG_INVALID' })
    t.notMatch(String(error), /hush-hush/)
  }
})
